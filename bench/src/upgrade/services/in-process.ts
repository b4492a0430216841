import { handover } from '@graceful/handover';
import { serveGracefully } from './graceful.js';

const { BENCH_PID_FILE: pidFile = '' } = process.env;
await serveGracefully((graceful) => handover(graceful, { pidFile }));
