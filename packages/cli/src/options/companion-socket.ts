import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { expected } from './expected.js';

/** Where a companion is asked. */
export interface CompanionSocket {
  readonly socket?: string;
}

/** Let `command` be told where the control socket of a companion is. */
export function withCompanionSocket(command: Command): Command {
  return command.addOption(
    new Option('--socket <path>', 'the control socket (default: /run/graceful/control.sock)')
      .env('GRACEFUL_COMPANION')
      .argParser(parseSocket),
  );
}

function parseSocket(text: string): string {
  if (text === '') throw expected('the path of a socket', text);
  return resolve(text);
}
