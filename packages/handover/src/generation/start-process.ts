import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { InheritedSocket } from '@graceful/core/handover';
import { environmentOf, firstDescriptor, type Form } from './environment.js';
import { type Launch, sayingItsNumber } from './launch.js';

/** What is started, and what it is given. */
export interface StartParts {
  readonly generation: number;
  readonly form: Form;
  readonly launch: Launch;
  /** By their descriptors in this process; there they are counted from 3 on, in this order. */
  readonly sockets: readonly InheritedSocket[];
  /** A session of its own, so that Ctrl-C reaches only whoever started it. */
  readonly detached: boolean;
}

/** A process that was started, or could not be: then it has no pid, and says why by `error`. */
export interface Started {
  readonly child: ChildProcess;
  /** This end of the channel; there is none where it could not be started. */
  readonly channel: Socket | undefined;
}

/**
 * Start one process of a generation, with its sockets and its channel.
 *
 * @throws what the system says where it refuses at once: E2BIG, EMFILE
 */
export function startProcess(parts: StartParts, token: string): Started {
  const { generation, form, launch, sockets, detached } = parts;
  const channel = firstDescriptor + sockets.length;
  const [program, ...args] = sayingItsNumber(launch.command) as [string, ...string[]];
  const child = spawn(program, args, {
    cwd: launch.cwd,
    env: environmentOf(launch.environment, {
      generation,
      form,
      token,
      parent: process.pid,
      channel,
      sockets: sockets.map((socket, index) => ({ ...socket, fd: firstDescriptor + index })),
    }),
    detached,
    // Numbers, never servers: Node throws for those after the process has started.
    stdio: ['ignore', 'inherit', 'inherit', ...sockets.map(({ fd }) => fd), 'pipe'],
  });
  child.unref();
  // None at all where it could not be started: typed as if there always were (EMFILE).
  const stdio = child.stdio as readonly unknown[] | undefined;
  return { child, channel: (stdio?.[channel] as Socket | null | undefined) ?? undefined };
}
