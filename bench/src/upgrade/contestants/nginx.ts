import { spawnSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { freePort, within } from '@graceful/conformance/client';
import { env, Foreground } from '@graceful/test/proxies/foreground.js';
import { versionOf } from '@graceful/test/proxies/installed.js';
import { startServer } from '../../service/process.js';
import { type Contestant, loopback, unixSocket } from '../contestant.js';
import { drainMs } from '../plan.js';
import { costOf, pidIn } from '../processes.js';

const backendEntry = new URL('../services/backend.js', import.meta.url);
const limitMs = 60_000;

function configOf(port: number, path: string, backend: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
# Not "daemon off": the binary upgrade is switched off with it.
daemon on;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
worker_shutdown_timeout ${drainMs}ms;
error_log stderr notice;
pid nginx.pid;
events { worker_connections 2048; }
http {
  access_log off;
  client_body_buffer_size 128k;
${temporary.map((name) => `  ${name}_temp_path ${name};`).join('\n')}
  upstream service { server 127.0.0.1:${backend} max_fails=0; keepalive 128; }
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  server {
    listen 127.0.0.1:${port};
    listen unix:${path};
    keepalive_requests 100000;
    location / {
      proxy_pass http://service;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_next_upstream off;
    }
  }
}
`;
}

/** `execve` looks into no PATH, so the new binary is found only by a whole path. */
function binary(): string {
  const { stdout } = spawnSync('sh', ['-c', 'command -v nginx'], { env, encoding: 'utf8' });
  return stdout.trim();
}

export const nginx: Contestant = {
  id: 'nginx',
  name: 'nginx, binary upgrade',
  role: 'other',
  setup:
    'proxies to a Node backend that is never replaced, for what it can answer by itself is neither slow nor a WebSocket; ' +
    "USR2, and when the new one's worker has started WINCH and QUIT to the old master; `worker_shutdown_timeout` is the limit",
  async version() {
    const version = versionOf('nginx');
    return version && `nginx ${version}`;
  },
  async start(folder) {
    // The worker has another user than its master where that is root.
    await chmod(folder, 0o755);
    const backend = await startServer(backendEntry, []);
    const port = await freePort();
    const path = `${folder}/service.sock`;
    await writeFile(`${folder}/nginx.conf`, configOf(port, path, backend.port));
    // It goes to the background; its log goes on coming.
    const master = new Foreground(binary(), ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], folder);
    await master.says('start worker process ');
    const pid = (): number => pidIn(`${folder}/nginx.pid`) as number;
    const says = (what: string, from: number): Promise<void> =>
      within(limitMs, what, master.says(what, from));
    return {
      tcp: loopback(port),
      unix: unixSocket(path),
      watcher: () => costOf(pid()),
      async upgrade() {
        const old = pid();
        const from = master.log.length;
        process.kill(old, 'SIGUSR2');
        await says('start worker process ', from);
        process.kill(old, 'SIGWINCH');
        process.kill(old, 'SIGQUIT');
        await says(` ${old}#${old}: exit`, from);
      },
      async stop() {
        process.kill(pid(), 'SIGTERM');
        await within(limitMs, 'nginx to end', master.end());
        backend.child.kill('SIGKILL');
      },
    };
  },
};
