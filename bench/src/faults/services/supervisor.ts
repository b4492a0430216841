import { fileURLToPath } from 'node:url';
import { obeySignals, Supervisor } from '@graceful/handover/supervisor';
import { addresses } from '../../upgrade/service.js';
import { overlapMs, tell } from './service.js';

const { port, host, path } = addresses();
const supervisor = new Supervisor({
  listen: [
    { name: 'http', port, host },
    { name: 'unix', path },
  ],
  command: [process.execPath, fileURLToPath(new URL('supervised.js', import.meta.url))],
  workers: 2,
  overlapMs,

  terminateMs: 1_000,
  drainMs: 4_000,
  stopMs: 6_000,
});
supervisor.watch((event) => {
  if (event.type === 'upgrade')
    tell({ stage: event.notice.stage, pid: process.pid, failure: event.notice.failure });
});
// How it sees its processes, again and again: what the bench waits for has no event of its own.
setInterval(() => tell({ status: supervisor.status() }), 50).unref();
obeySignals(supervisor, (code) => process.exit(code));
tell({ started: await supervisor.start() });
process.exitCode = await supervisor.ended;
tell({ ended: process.exitCode });
