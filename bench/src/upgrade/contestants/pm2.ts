import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '@graceful/conformance/client';
import { versionsOf } from '../../report/versions.js';
import { type Contestant, loopback, unixSocket } from '../contestant.js';
import { drainMs } from '../plan.js';
import { costOf, pidIn } from '../processes.js';
import { environment } from '../service.js';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const command = require.resolve('pm2/bin/pm2');
const script = fileURLToPath(new URL('../services/pm2.js', import.meta.url));
const limitMs = 120_000;

export const pm2: Contestant = {
  id: 'pm2',
  name: 'pm2, `reload` in cluster mode',
  role: 'other',
  setup:
    'two instances; `wait_ready`, `listen_timeout` far beyond a start, `kill_timeout` is the limit; the service says `ready` when it listens, ' +
    'and at SIGINT closes its servers, ends its WebSockets with 1001 and exits when all is done',
  async version() {
    const [version] = await versionsOf(['pm2']);
    return version;
  },
  async start(folder) {
    const port = await freePort();
    const path = `${folder}/service.sock`;
    const app = {
      name: 'service',
      script,
      exec_mode: 'cluster',
      instances: 2,
      wait_ready: true,
      listen_timeout: 60_000,
      kill_timeout: drainMs,
      env: environment(port, path),
    };
    await writeFile(`${folder}/ecosystem.config.json`, JSON.stringify({ apps: [app] }));
    // A daemon of its own, which keeps nothing outside of the folder and asks nobody about newer versions.
    const env = { ...process.env, PM2_HOME: `${folder}/pm2`, PM2_DISABLE_VERSION_CHECK: 'true' };
    const tell = (...words: string[]): Promise<unknown> =>
      run(process.execPath, [command, ...words], { env, cwd: folder, timeout: limitMs });
    await tell('start', 'ecosystem.config.json');
    return {
      tcp: loopback(port),
      unix: unixSocket(path),
      watcher: () => costOf(pidIn(`${folder}/pm2/pm2.pid`) as number),
      // It returns when the last old process has gone.
      async upgrade() {
        await tell('reload', 'service');
      },
      async stop() {
        await tell('kill');
      },
    };
  },
};
