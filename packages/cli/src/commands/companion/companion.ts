import type { Command } from 'commander';
import type { Run } from '../command.js';
import { addDaemon } from './daemon.js';
import { addDrain } from './drain.js';
import { addPrestop } from './prestop.js';
import { addState } from './state.js';

/** `graceful companion`: the daemon, and below it what is asked of one that runs. */
export function addCompanion(program: Command, run: Run): void {
  const command = addDaemon(program, run);
  for (const add of [addPrestop, addState, addDrain]) add(command, run);
}
