import type { Command } from 'commander';
import { pathOf } from './path.js';

/** Where a companion is asked, where it was typed. */
export interface CompanionSocket {
  readonly socket?: string;
}

/** Let `command` be told where the control socket of a companion is. The packages look into the environment themselves. */
export function withCompanionSocket(command: Command): Command {
  return command.option(
    '--socket <path>',
    'the control socket (environment: GRACEFUL_COMPANION; otherwise /run/graceful/control.sock)',
    pathOf('a socket'),
  );
}
