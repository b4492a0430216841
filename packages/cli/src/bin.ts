#!/usr/bin/env node
import { main } from './main.js';

// Whoever read what we print may go; what was asked for goes on, and the exit code tells of it.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
process.exitCode = await main(process.argv);
