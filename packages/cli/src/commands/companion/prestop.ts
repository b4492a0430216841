import type { Command } from 'commander';
import { exitCode, isKnown } from '../../exit-code.js';
import { type CompanionSocket, withCompanionSocket } from '../../options/companion-socket.js';
import { printable } from '../../output/printable.js';
import type { Run } from '../command.js';
import { withExamples } from '../help.js';

/** A hook that waits delays the whole pod: the companion is on the same machine, and answers at once or not at all. */
const answerMs = 1_000;

/** `graceful companion prestop` */
export function addPrestop(parent: Command, run: Run): void {
  const command = parent
    .command('prestop')
    .summary('the preStop hook of the companion itself: say that the pod ends')
    .description(
      'Tell the companion that its pod ends, and return at once. It is the preStop hook of its own container. A companion that is not there is no reason to fail.',
    );
  withCompanionSocket(command)
    .addHelpText('after', '\nExit codes:\n  0  always, but for an option that is wrong (2)')
    .action((options: CompanionSocket) => run('prestop', false, () => prestop(options)));
  withExamples(command, ['graceful companion prestop', 'lifecycle.preStop.exec of the companion']);
}

async function prestop(options: CompanionSocket): Promise<number> {
  const { CompanionControl } = await import('@graceful/companion/control');
  const control = new CompanionControl({ ...options, timeoutMs: answerMs });
  try {
    await control.drain({ reason: 'pod' });
    process.stdout.write('prestop: the companion knows that the pod ends\n');
  } catch (error) {
    if (!isKnown(error)) throw error;
    // What the kubelet does next does not depend on it, and a hook that fails is an event that worries people.
    process.stderr.write(
      `prestop: nothing is marked, and nothing waits for that: ${printable(error.message)}\n`,
    );
  }
  return exitCode.done;
}
