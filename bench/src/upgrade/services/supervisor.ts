import { fileURLToPath } from 'node:url';
import { obeySignals, Supervisor } from '@graceful/handover/supervisor';
import { drainMs } from '../plan.js';
import { addresses } from '../service.js';

/** What `graceful run --workers 2 -- node supervised.js` is. */
const { port, host, path } = addresses();
const supervisor = new Supervisor({
  listen: [
    { name: 'http', port, host },
    { name: 'unix', path },
  ],
  command: [process.execPath, fileURLToPath(new URL('supervised.js', import.meta.url))],
  workers: 2,
  drainMs,
});
obeySignals(supervisor, (code) => process.exit(code));
await supervisor.start();
process.exitCode = await supervisor.ended;
