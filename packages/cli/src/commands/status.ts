import type { Command } from 'commander';
import { ControlClient } from '@graceful/handover/control';
import type { Run } from './command.js';
import { addressOf, type SupervisorAddress, withSupervisorAddress } from '../options/supervisor-address.js';
import { jsonLine } from '../output/printable.js';
import { statusText } from '../output/status-text.js';
import { exitCode } from '../exit-code.js';
import { exitCodes, withExamples } from './help.js';

/** `graceful status` */
export function addStatus(program: Command, run: Run): void {
  const command = program
    .command('status')
    .summary('tell how a service is')
    .description('Tell which generations of a service there are, and what their processes do.');
  withSupervisorAddress(command)
    .option('--json', 'print one JSON object')
    .addHelpText('after', exitCodes)
    .action((options: SupervisorAddress & { json?: true }) =>
      run('status', options.json === true, async () => {
        const status = await new ControlClient(addressOf(options)).status();
        process.stdout.write(options.json ? `${jsonLine(status)}\n` : statusText(status, Date.now()));
        return exitCode.done;
      }),
    );
  withExamples(
    command,
    ['graceful status', 'for people'],
    ['graceful status --json | jq .generation', 'for programs'],
    ['graceful status --name orders', 'where there are several'],
  );
}
