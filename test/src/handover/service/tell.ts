import { writeSync } from 'node:fs';
import { sharedNow } from '../../harness/protocol.js';
import type { Behaviour, FamilyConfig, Halt, Told } from '../config.js';

export const config: FamilyConfig = JSON.parse(process.env['HANDOVER_TEST'] ?? '{}') as FamilyConfig;

/** As this process was told; it is taken out of the environment by whoever joins. */
export const generation: number = Number(process.env['GRACEFUL_GENERATION'] ?? 1);
export const behaviour: Behaviour = config.generations?.[generation] ?? {};

/**
 * On standard output, which all generations share: one write for a line, so
 * that they never mix, and a process that dies has said what it had to say.
 */
export function tell(told: Told): void {
  try {
    writeSync(1, `${JSON.stringify({ pid: process.pid, generation, at: sharedNow(), ...told })}\n`);
  } catch {
    // Nobody reads any more.
  }
}

let halted = false;

/** Stop here, if this is where the generation is to stop, until SIGCONT. */
export function haltAt(where: Halt): void {
  if (behaviour.halt !== where || halted) return;
  halted = true;
  tell({ type: 'halted', where });
  process.kill(process.pid, 'SIGSTOP');
}
