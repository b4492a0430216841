import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ControlClient, type Progress, type UpgradeRequest } from '@graceful/handover/control';
import { exitCodeOf, exitCode } from '../exit-code.js';
import type { Run } from './command.js';
import { expected } from '../options/expected.js';
import { addressOf, type SupervisorAddress, withSupervisorAddress } from '../options/supervisor-address.js';
import type { Presenter } from '../output/presenter.js';
import { presenterFor } from '../output/presenter-for.js';
import { exitCodes, withExamples } from './help.js';

type ChangeOptions = SupervisorAddress & { readonly json?: true };

/** `graceful upgrade` */
export function addUpgrade(program: Command, run: Run): void {
  const command = program
    .command('upgrade')
    .summary('replace the running processes by new ones')
    .usage('[options] [-- command...]')
    .description(
      'Start a new generation on the same sockets. When it serves, the old one finishes its work and leaves; ' +
        'if it does not come up, the old one has never stopped.',
    )
    .argument('[command...]', 'what the new generation runs, if it is not what runs now')
    .option('--cwd <folder>', 'the folder to start it in', parseFolder);
  asChange(command).action((words: string[], options: ChangeOptions & { cwd?: string }) => {
    const request: UpgradeRequest = {
      ...(words.length > 0 && { command: words }),
      ...(options.cwd !== undefined && { cwd: options.cwd }),
    };
    return follow(run, 'upgrade', options, (client) => client.upgrade(request));
  });
  withExamples(
    command,
    ['graceful upgrade', 'the same command again, from new files'],
    ['graceful upgrade --cwd /srv/orders-1.4', 'in the folder of another release'],
    ['graceful upgrade -- node server.js --new', 'another command'],
    ['graceful upgrade --json | tail -n 1', 'what became of it, for programs'],
  );
}

/** `graceful rollback` */
export function addRollback(program: Command, run: Run): void {
  const command = program
    .command('rollback')
    .summary('go back to what ran before')
    .description('Upgrade to the command and folder of the generation before this one.');
  asChange(command).action((options: ChangeOptions) =>
    follow(run, 'rollback', options, (client) => client.rollback()),
  );
  withExamples(command, ['graceful rollback', 'after an upgrade that was no good']);
}

/** `graceful drain` */
export function addDrain(program: Command, run: Run): void {
  const command = program
    .command('drain')
    .summary('let the processes finish and leave; keep the sockets')
    .description(
      'Let the processes finish their work and leave. The supervisor keeps the sockets: clients that connect ' +
        'wait in the queue until the next "graceful upgrade".',
    );
  asChange(command).action((options: ChangeOptions) =>
    follow(run, 'drain', options, (client) => client.drain()),
  );
  withExamples(command, ['graceful drain && graceful upgrade', 'one after the other, never both at once']);
}

/** `graceful stop` */
export function addStop(program: Command, run: Run): void {
  const command = program
    .command('stop')
    .summary('let the processes finish and leave, and end the supervisor')
    .description('Let the processes finish their work and leave, then end the supervisor, as SIGTERM does.');
  asChange(command).action((options: ChangeOptions) =>
    follow(run, 'stop', options, (client) => client.stop()),
  );
  withExamples(command, ['graceful stop', 'waits until it has ended']);
}

function asChange(command: Command): Command {
  return withSupervisorAddress(command)
    .option('--json', 'print what happens as JSON, one object a line')
    .addHelpText('after', exitCodes);
}

function follow(
  run: Run,
  what: string,
  { json, ...options }: ChangeOptions,
  begin: (client: ControlClient) => Progress,
): Promise<void> {
  return run(what, json === true, async () => {
    const presenter = presenterFor(what, json === true, process.stdout, process.stderr);
    const stopWatching = leaveAtCtrlC(presenter);
    try {
      const progress = begin(new ControlClient(addressOf(options)));
      for await (const event of progress.events) presenter.event(event);
      const outcome = await progress.done;
      presenter.end(outcome);
      return exitCodeOf(outcome);
    } finally {
      stopWatching();
    }
  });
}

/** Whoever presses it wants to look no longer; an upgrade half done is nothing that they could want. */
function leaveAtCtrlC(presenter: Presenter): () => void {
  const leave = () => {
    presenter.leave?.();
    process.exit(exitCode.interrupted);
  };
  process.once('SIGINT', leave);
  return () => void process.off('SIGINT', leave);
}

function parseFolder(text: string): string {
  if (text === '') throw expected('a folder', text);
  return resolve(text);
}
