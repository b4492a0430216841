import { freePort } from '@graceful/conformance/client';
import { type Contestant, loopback, unixSocket } from '../contestant.js';
import { Family, isAlive, kill, pidIn, until } from '../processes.js';
import { environment } from '../service.js';
import { handoverVersion } from './handover-version.js';

const entry = new URL('../services/in-process.js', import.meta.url);

export const inProcess: Contestant = {
  id: 'in-process',
  name: 'graceful, `handover()`',
  role: 'ours',
  setup:
    'one process; SIGUSR2 to the one in the pid file; `drain.requestsMs` is the limit, all else as by default',
  version: handoverVersion,
  async start(folder) {
    const port = await freePort();
    const path = `${folder}/service.sock`;
    const pidFile = `${folder}/service.pid`;
    const family = new Family();
    family.start(entry, { ...environment(port, path), BENCH_PID_FILE: pidFile });
    await until('the first generation', () => pidIn(pidFile) !== undefined);
    return {
      tcp: loopback(port),
      unix: unixSocket(path),
      async upgrade() {
        const old = pidIn(pidFile) as number;
        kill(old, 'SIGUSR2');
        await until('another process in the pid file', () => ![old, undefined].includes(pidIn(pidFile)));
        await until('the old process to go', () => !isAlive(old));
      },
      async stop() {
        kill(pidIn(pidFile) as number, 'SIGTERM');
        await until('the last process to go', () => family.members().length === 0);
        await family.end();
      },
    };
  },
};
