import { writeFile } from 'node:fs/promises';
import { freePort, within } from '@graceful/conformance/client';
import { Foreground } from '@graceful/test/proxies/foreground.js';
import { versionOf } from '@graceful/test/proxies/installed.js';
import { startServer } from '../../service/process.js';
import { type Contestant, loopback, unixSocket } from '../contestant.js';
import { drainMs } from '../plan.js';
import { costOf } from '../processes.js';

const backendEntry = new URL('../services/backend.js', import.meta.url);
const limitMs = 60_000;

function configOf(port: number, path: string, backend: number): string {
  return `
global
  stats socket unix@admin.sock mode 600 level admin expose-fd listeners
  hard-stop-after ${drainMs}ms
  maxconn 2000
  nbthread 1
defaults
  mode http
  retries 0
  retry-on none
  # A client that is about to ask is told first; without it idle connections are closed at once.
  option idle-close-on-response
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
frontend clients
  bind 127.0.0.1:${port}
  bind unix@${path}
  default_backend service
backend service
  http-reuse safe
  server service 127.0.0.1:${backend}
`;
}

export const haproxy: Contestant = {
  id: 'haproxy',
  name: 'HAProxy, reload',
  role: 'other',
  setup:
    'proxies to a Node backend that is never replaced; master and worker (`-W`), `expose-fd listeners`, `option idle-close-on-response`, one thread; ' +
    'USR2 to the master; `hard-stop-after` is the limit',
  async version() {
    const version = versionOf('haproxy');
    return version && `HAProxy ${version}`;
  },
  async start(folder) {
    const backend = await startServer(backendEntry, []);
    const port = await freePort();
    const path = `${folder}/service.sock`;
    await writeFile(`${folder}/haproxy.cfg`, configOf(port, path, backend.port));
    const master = new Foreground('haproxy', ['-W', '-db', '-f', 'haproxy.cfg', '-p', 'haproxy.pid'], folder);
    await master.says('Loading success');
    const says = (what: string, from: number): Promise<void> =>
      within(limitMs, what, master.says(what, from));
    return {
      tcp: loopback(port),
      unix: unixSocket(path),
      watcher: () => costOf(master.pid as number),
      async upgrade() {
        const from = master.log.length;
        master.signal('SIGUSR2');
        await says('Loading success', from);
        await says('Former worker', from);
      },
      async stop() {
        await within(limitMs, 'HAProxy to end', master.end());
        backend.child.kill('SIGKILL');
      },
    };
  },
};
