import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { addDrain, addRollback, addStop, addUpgrade } from './commands/changes.js';
import type { Run } from './commands/command.js';
import { addCompanion } from './commands/companion/companion.js';
import { addReceipts } from './commands/receipts.js';
import { addRun } from './commands/run.js';
import { addStatus } from './commands/status.js';
import { addWait } from './commands/wait.js';
import { exitCode, exitCodeOf, isKnown, resultOf } from './exit-code.js';
import { presenterFor } from './output/presenter-for.js';

/** The whole command line. Resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let code: number = exitCode.done;
  const program = graceful(async (what, json, work) => {
    code = await work().catch((error: unknown) => told(what, json, error));
  });
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // commander has said what is wrong, or has shown the help that was asked for.
    return error.exitCode === 0 ? exitCode.done : exitCode.refused;
  }
  return code;
}

function told(what: string, json: boolean, error: unknown): number {
  if (!isKnown(error)) throw error;
  const result = resultOf(error);
  presenterFor(what, json, process.stdout, process.stderr).end(result);
  return exitCodeOf(result);
}

function graceful(run: Run): Command {
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
  const program = new Command('graceful')
    .description('Runs a service whose sockets stay open, and replaces it without closing the door.')
    .version(version)
    .enablePositionalOptions()
    .showHelpAfterError('("graceful help <command>" tells more)')
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      '\nExamples:\n  $ graceful run --listen http=3000 -- node server.js\n  $ graceful upgrade\n  $ graceful status',
    );
  for (const add of [
    addRun,
    addStatus,
    addUpgrade,
    addRollback,
    addDrain,
    addStop,
    addCompanion,
    addWait,
    addReceipts,
  ])
    add(program, run);
  return program;
}
