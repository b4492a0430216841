#!/usr/bin/env node
import { main } from './main.js';

// Whoever read what we print may go; what was asked for goes on, and the exit code tells of it.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
// At once: what a service has left behind must not hold a supervisor that has ended. Nothing is lost:
// Node writes to files, pipes and terminals before `write` returns, but for pipes on Windows (process I/O).
process.exit(await main(process.argv));
