import type { InheritedSocket } from '@graceful/core/handover';
import { HandoverError } from '../handover-error.js';
import { protocolVersion } from '../wire/messages.js';

/** The first descriptor that is passed on: sd_listen_fds(3) calls it SD_LISTEN_FDS_START. */
export const firstDescriptor = 3;

/** What started a process. */
export type Form = 'supervisor' | 'process';

/** What a process was told by the one that started it. */
export interface Membership {
  readonly generation: number;
  /** Who started it: a process that holds the sockets and stays, or one that this one is to replace. */
  readonly form: Form;
  /** Echoed in the first word. */
  readonly token: string;
  /** The process that started it. */
  readonly parent: number;
  /** Where it can be talked to. */
  readonly channel: number;
  readonly sockets: readonly InheritedSocket[];
}

const protocol = 'GRACEFUL_PROTOCOL';
const token = 'GRACEFUL_TOKEN';
const generation = 'GRACEFUL_GENERATION';
const form = 'GRACEFUL_FORM';
const parent = 'GRACEFUL_PARENT';
const parentCheck = 'GRACEFUL_PARENT_CHECK';
const channel = 'GRACEFUL_CHANNEL';
const readyFd = 'GRACEFUL_READY_FD';
const sockets = 'GRACEFUL_SOCKETS';

const ours = [protocol, token, generation, form, parent, parentCheck, channel, readyFd, sockets];

/**
 * Variables that describe one process and would mislead the next: descriptors
 * that it does not have, a channel of Node's that nobody reads, and the
 * question of `node --watch` for messages that are not ours.
 */
const personal = [
  ...ours,
  'LISTEN_FDS',
  'LISTEN_FDNAMES',
  'LISTEN_PID',
  'NODE_CHANNEL_FD',
  'NODE_CHANNEL_SERIALIZATION_MODE',
  'NODE_UNIQUE_ID',
  'WATCH_REPORT_DEPENDENCIES',
  'WATCHDOG_PID',
];

/** With these a service manager speaks to the process that it started (sd_notify(3)). */
export const notifyVariables = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'] as const;

/** `environment` without what describes one process only. */
export function withoutPersonal(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const left = { ...environment };
  for (const name of personal) delete left[name];
  return left;
}

/**
 * The environment of a new process. `LISTEN_PID` is not among it: only the
 * new process knows its number, and the command says it (see `launch.ts`).
 */
export function environmentOf(initial: NodeJS.ProcessEnv, membership: Membership): NodeJS.ProcessEnv {
  const environment = withoutPersonal(initial);
  // It speaks for the service. A word of a process that is one of many, or on its way out, would be taken for its own.
  if (membership.form === 'supervisor') for (const name of notifyVariables) delete environment[name];
  return {
    ...environment,
    LISTEN_FDS: String(membership.sockets.length),
    LISTEN_FDNAMES: membership.sockets.map(({ name }) => name).join(':'),
    [protocol]: String(protocolVersion),
    [token]: membership.token,
    [generation]: String(membership.generation),
    [form]: membership.form,
    [parent]: String(membership.parent),
    ...(initial[parentCheck] !== undefined && { [parentCheck]: initial[parentCheck] }),
    [channel]: String(membership.channel),
    [readyFd]: String(membership.channel),
    [sockets]: JSON.stringify(membership.sockets),
  };
}

/**
 * Read what this process was told, and take it out of `environment`: a program
 * that the service starts later must not think it is meant.
 *
 * @param listenPid - `LISTEN_PID` as it was at the start: who is meant (sd_listen_fds(3))
 * @returns `undefined` in a process that was started cold
 * @throws {@link HandoverError} `ERR_HANDOVER_ENVIRONMENT`
 */
export function takeMembership(
  environment: NodeJS.ProcessEnv,
  { pid, ppid }: Pick<NodeJS.Process, 'pid' | 'ppid'>,
  listenPid: string | undefined = environment['LISTEN_PID'],
): Membership | undefined {
  const given = { ...environment };
  for (const name of ours) delete environment[name];
  if (given[protocol] === undefined) return undefined;
  // Otherwise the variables came along from an ancestor, and so did no
  // descriptors. The parent may have died meanwhile; then its number tells nothing.
  const isMeant = listenPid === String(pid) || given[parent] === String(ppid) || given[parentCheck] === '0';
  if (!isMeant) return undefined;
  return {
    generation: number(given, generation, 1),
    form: formOf(word(given, form)),
    token: word(given, token),
    parent: number(given, parent, 1),
    channel: number(given, channel, firstDescriptor),
    sockets: socketsOf(word(given, sockets)),
  };
}

function word(given: NodeJS.ProcessEnv, name: string): string {
  const value = given[name];
  if (value === undefined || value === '') throw wrong(name, 'to be set', value);
  return value;
}

function formOf(value: string): Form {
  if (value === 'supervisor' || value === 'process') return value;
  throw wrong(form, 'to be "supervisor" or "process"', value);
}

function number(given: NodeJS.ProcessEnv, name: string, least: number): number {
  const value = Number(word(given, name));
  if (!Number.isSafeInteger(value) || value < least)
    throw wrong(name, `to be a whole number from ${least}`, given[name]);
  return value;
}

function socketsOf(json: string): InheritedSocket[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw wrong(sockets, 'to be a JSON array', json);
  }
  if (!Array.isArray(value) || !value.every(isSocket)) {
    throw wrong(
      sockets,
      `to be a JSON array of sockets with a \`name\` and an \`fd\` from ${firstDescriptor}`,
      json,
    );
  }
  return value;
}

function isSocket(socket: unknown): socket is InheritedSocket {
  if (typeof socket !== 'object' || socket === null) return false;
  const { name, fd } = socket as Partial<Record<keyof InheritedSocket, unknown>>;
  return typeof name === 'string' && Number.isSafeInteger(fd) && (fd as number) >= firstDescriptor;
}

function wrong(name: string, expected: string, got: string | undefined): HandoverError {
  return new HandoverError(
    'ERR_HANDOVER_ENVIRONMENT',
    `Expected ${name} ${expected}, got ${got === undefined ? 'none' : JSON.stringify(got)}. ` +
      'It is set by whoever starts a new generation; a program between the two must hand it on as it is.',
  );
}
