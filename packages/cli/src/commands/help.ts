import type { Command } from 'commander';

/** Examples at the end of a command's help: what to type, and what it is for. */
export function withExamples(command: Command, ...examples: readonly (readonly [string, string])[]): Command {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, what]) => `  $ ${line.padEnd(width)}  # ${what}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

/** What a script can tell by, at the end of a command's help. */
export const exitCodes = `
Exit codes:
  0  done
  1  failed; what served before still serves
  2  refused, or not asked in order
  3  nobody there: no supervisor answers`;
