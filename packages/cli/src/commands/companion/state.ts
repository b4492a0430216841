import type { Command } from 'commander';
import { exitCode } from '../../exit-code.js';
import { type CompanionSocket, withCompanionSocket } from '../../options/companion-socket.js';
import { jsonLine } from '../../output/printable.js';
import type { Run } from '../command.js';
import { withExamples } from '../help.js';
import { companionCodes } from './codes.js';

/** `graceful companion state` */
export function addState(parent: Command, run: Run): void {
  const command = parent
    .command('state')
    .summary('tell how the pod is')
    .description('Tell how the pod is, and each instance in it.');
  withCompanionSocket(command)
    .option('--json', 'print one JSON object')
    .addHelpText('after', companionCodes)
    .action(({ json, ...options }: CompanionSocket & { json?: true }) =>
      run('state', json === true, () => tell(json === true, options)),
    );
  withExamples(
    command,
    ['graceful companion state', 'for people'],
    ['graceful companion state --json | jq .pod', 'for programs'],
  );
}

async function tell(json: boolean, options: CompanionSocket): Promise<number> {
  const { CompanionControl } = await import('@graceful/companion/control');
  const { podText } = await import('../../output/pod-text.js');
  const status = await new CompanionControl(options).state();
  process.stdout.write(json ? `${jsonLine(status)}\n` : podText(status));
  return exitCode.done;
}
