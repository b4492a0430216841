/**
 * What a process and the one that started it say to each other, one JSON
 * object a line, on the socket that the new process finds at `GRACEFUL_CHANNEL`.
 */

/** The version of the protocol; a process that speaks another is refused. */
export const protocolVersion = 1;

/** A value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A socket that a generation listens on. */
interface ListenerNotice {
  readonly name: string;
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
}

/** What a new process says. */
export type FromGeneration =
  /** The first word. The token tells it from strays that inherited the environment. */
  | {
      readonly type: 'hello';
      readonly v: number;
      readonly token: string;
      readonly generation: number;
      readonly pid: number;
    }
  /** It needs this much longer, from now. */
  | { readonly type: 'extend'; readonly ms: number }
  /** Everything is done, except listening. */
  | { readonly type: 'prepared' }
  /** It listens and serves. */
  | { readonly type: 'ready'; readonly listeners: readonly ListenerNotice[] }
  /** How it is, for whoever looks. */
  | { readonly type: 'status'; readonly text?: string; readonly inFlight?: number }
  /** What it wants to hand on, in answer to `save`. */
  | { readonly type: 'saved'; readonly state?: Json; readonly error?: string }
  /** It cannot go on; `state`: with what was handed on. */
  | { readonly type: 'fatal'; readonly reason: string; readonly code?: 'state' }
  /** It leaves though nobody here told it to: an error, or a signal of somebody else's. */
  | { readonly type: 'leaving'; readonly reason?: string }
  /** It has let go of all its work, and is about to exit. */
  | { readonly type: 'drained'; readonly verdict: string };

/** What is handed on besides the sockets. */
export interface Inheritance {
  /** What the app of the old generation saved. */
  readonly state?: Json;
  /** Keys of TLS session tickets in base64, by the name of the listener, or '*' for all. */
  readonly ticketKeys?: Readonly<Record<string, string>>;
  /** What TLS sessions are bound to beside them (SSL_CTX_set_session_id_context(3)), by the same names. */
  readonly sessionContexts?: Readonly<Record<string, string>>;
}

/** What the one that started it says. */
export type FromParent =
  | ({ readonly type: 'welcome'; readonly v: number; readonly generation: number } & Inheritance)
  | { readonly type: 'reject'; readonly reason: string }
  /** Listen now. */
  | { readonly type: 'go' }
  /** It is the one: what came before drains. */
  | { readonly type: 'active' }
  /** Say what is to be handed on. */
  | { readonly type: 'save' }
  /** What was to take over did not come about: what was handed on is its own again. */
  | { readonly type: 'undo' }
  /** Another has the sockets: leave, without waiting for balancers. */
  | { readonly type: 'drain'; readonly reason: string; readonly deadlineMs?: number }
  /** The service ends: leave as at SIGTERM. */
  | { readonly type: 'stop'; readonly reason: string; readonly deadlineMs?: number };

/** What a line came to. */
export type Parsed<Message> =
  | { readonly kind: 'message'; readonly message: Message }
  /** Of a later version, perhaps: it is passed over. */
  | { readonly kind: 'unknown'; readonly type: string }
  | { readonly kind: 'garbage'; readonly why: string };

type Field = (value: unknown) => boolean;
type Shape = Readonly<
  Record<string, { readonly is: Field; readonly what: string; readonly optional?: true }>
>;

const text = { is: (value: unknown) => typeof value === 'string', what: 'a string' };
const count = {
  is: (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0,
  what: 'a whole number',
};
const duration = {
  is: (value: unknown) => typeof value === 'number' && value >= 0 && value <= 2_147_483_647,
  what: 'milliseconds',
};
const list = { is: (value: unknown) => Array.isArray(value), what: 'an array' };
const any = { is: () => true, what: 'anything' };
const strings = {
  is: (value: unknown) =>
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((each) => typeof each === 'string'),
  what: 'an object of strings',
};
const optional = <F extends { is: Field; what: string }>(field: F) => ({ ...field, optional: true as const });

const fromGeneration: Readonly<Record<FromGeneration['type'], Shape>> = {
  hello: { v: count, token: text, generation: count, pid: count },
  extend: { ms: duration },
  prepared: {},
  ready: { listeners: list },
  status: { text: optional(text), inFlight: optional(count) },
  saved: { state: optional(any), error: optional(text) },
  fatal: { reason: text, code: optional({ is: (value: unknown) => value === 'state', what: '"state"' }) },
  leaving: { reason: optional(text) },
  drained: { verdict: text },
};

const fromParent: Readonly<Record<FromParent['type'], Shape>> = {
  welcome: {
    v: count,
    generation: count,
    state: optional(any),
    ticketKeys: optional(strings),
    sessionContexts: optional(strings),
  },
  reject: { reason: text },
  go: {},
  active: {},
  save: {},
  undo: {},
  drain: { reason: text, deadlineMs: optional(duration) },
  stop: { reason: text, deadlineMs: optional(duration) },
};

/** Read a line of a generation. */
export function parseFromGeneration(line: string): Parsed<FromGeneration> {
  return parse(line, fromGeneration);
}

/** Read a line of the one that started this process. */
export function parseFromParent(line: string): Parsed<FromParent> {
  return parse(line, fromParent);
}

function parse<Message>(line: string, shapes: Readonly<Record<string, Shape>>): Parsed<Message> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: 'garbage', why: `expected a JSON object, got ${excerpt(line)}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'garbage', why: `expected a JSON object, got ${excerpt(line)}` };
  }
  const { type } = value as { type?: unknown };
  if (typeof type !== 'string')
    return { kind: 'garbage', why: `expected a \`type\`, got none in ${excerpt(line)}` };
  const shape = Object.hasOwn(shapes, type) ? shapes[type] : undefined;
  if (!shape) return { kind: 'unknown', type };
  for (const [name, field] of Object.entries(shape)) {
    const given = (value as Record<string, unknown>)[name];
    if (given === undefined && field.optional) continue;
    if (given === undefined || !field.is(given)) {
      const got = given === undefined ? 'none' : excerpt(JSON.stringify(given));
      return { kind: 'garbage', why: `expected \`${name}\` of "${type}" to be ${field.what}, got ${got}` };
    }
  }
  return { kind: 'message', message: value as Message };
}

function excerpt(line: string): string {
  const printable = JSON.stringify(line.slice(0, 60));
  return line.length > 60 ? `${printable} and ${line.length - 60} characters more` : printable;
}
