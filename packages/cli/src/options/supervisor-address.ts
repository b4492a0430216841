import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type ControlAddress, controlPlaces } from '@graceful/handover/control';
import { expected } from './expected.js';
import { pathOf } from './path.js';

/** Which supervisor is meant. */
export interface SupervisorAddress {
  /** `false`: of `run`, one that cannot be talked to. */
  readonly control?: string | false;
  readonly name?: string;
}

/** Let `command` be told which supervisor is meant. */
export function withSupervisorAddress(command: Command): Command {
  return command
    .option('--name <name>', 'what the supervisor is called (default: service)', parseName)
    .option(
      '--control <path>',
      'the control socket (environment: GRACEFUL_CONTROL; otherwise where one of that name usually is)',
      pathOf('a socket'),
    );
}

/** What is typed counts before the environment, a path before a name. */
export function controlPath({ control, name }: SupervisorAddress): string | undefined {
  if (control) return control;
  const fromEnvironment = process.env['GRACEFUL_CONTROL'];
  return name === undefined && fromEnvironment ? resolve(fromEnvironment) : undefined;
}

export function addressOf(options: SupervisorAddress): ControlAddress {
  const path = controlPath(options);
  return path === undefined ? { ...(options.name !== undefined && { name: options.name }) } : { path };
}

function parseName(text: string): string {
  try {
    controlPlaces(text);
    return text;
  } catch {
    throw expected('up to 64 letters, digits, "-", "_" and ".", not beginning with "." or "-"', text);
  }
}
