import { handover } from '@graceful/handover';
import { overlapMs, serve, tell } from './service.js';

const { BENCH_PID_FILE: pidFile = '' } = process.env;
await serve((graceful) => {
  handover(graceful, { pidFile, overlapMs, terminateMs: 1_000 }).onUpgrade(({ stage, failure }) =>
    tell({ stage, pid: process.pid, failure }),
  );
});
