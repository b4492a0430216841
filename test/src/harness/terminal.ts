import { spawnSync } from 'node:child_process';

/** Whether this machine has `script` (util-linux), which runs a program at a terminal of its own. */
export function hasTerminal(): boolean {
  return spawnSync('script', ['-qefc', 'test -t 0', '/dev/null'], { input: '' }).status === 0;
}

/** Puts a command at a terminal, whose keyboard is the standard input of what is started. */
export function atTerminal(command: readonly string[]): readonly string[] {
  const line = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  return ['script', '-qefc', `exec ${line}`, '/dev/null'];
}

/** What the key sends; the terminal makes it a SIGINT for the program in front. */
export const ctrlC = '\u0003';
