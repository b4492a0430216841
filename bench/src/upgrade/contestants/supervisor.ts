import { freePort } from '@graceful/conformance/client';
import { answers } from '../answers.js';
import { type Contestant, loopback, unixSocket } from '../contestant.js';
import { costOf, Family, kill, until } from '../processes.js';
import { environment } from '../service.js';
import { handoverVersion } from './handover-version.js';

const entry = new URL('../services/supervisor.js', import.meta.url);
const workers = 2;

export const supervisor: Contestant = {
  id: 'supervisor',
  name: 'graceful, the supervisor',
  role: 'ours',
  setup:
    'two workers, whose code knows nothing of it; SIGUSR2 to the supervisor; `drainMs` is the limit, all else as by default',
  version: handoverVersion,
  async start(folder) {
    const port = await freePort();
    const path = `${folder}/service.sock`;
    const family = new Family();
    const { pid = 0 } = family.start(entry, environment(port, path));
    const serving = (): number[] => family.members().flatMap((one) => (one.parent === pid ? [one.pid] : []));
    const tcp = loopback(port);
    await answers(tcp, 'the first generation');
    return {
      tcp,
      unix: unixSocket(path),
      watcher: () => costOf(pid),
      async upgrade() {
        const old = serving();
        kill(pid, 'SIGUSR2');
        await until('new processes, and no old one', () => {
          const now = serving();
          return now.length === workers && !now.some((one) => old.includes(one));
        });
      },
      async stop() {
        kill(pid, 'SIGTERM');
        await until('the last process to go', () => family.members().length === 0);
        await family.end();
      },
    };
  },
};
