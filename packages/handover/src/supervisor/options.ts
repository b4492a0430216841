import { constants } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import type { Logger, MetricsRegistry } from '@graceful/core';
import { command, duration, knownKeys, wrong } from '../options.js';

/** A socket that the supervisor binds, and its processes listen on. */
export interface ListenSpec {
  /** What the service calls it: `graceful.listen({ name })`, `LISTEN_FDNAMES`. */
  readonly name: string;
  /** A TCP port; 0 for a free one. */
  readonly port?: number;
  /**
   * The address to bind.
   *
   * @defaultValue all addresses
   */
  readonly host?: string;
  /** Of a Unix socket, instead of a port. */
  readonly path?: string;
  /**
   * Connections that may wait to be accepted; the kernel caps it at `net.core.somaxconn`.
   *
   * @defaultValue 511
   */
  readonly backlog?: number;
}

/**
 * How it is known that a process serves: it says so on its channel (a Node
 * service with graceful does by itself, any other program writes a line to the
 * descriptor `GRACEFUL_READY_FD`), it answers a question, or a time has passed.
 */
export type Readiness =
  | { readonly kind: 'channel' }
  /**
   * A GET on it answers with a status below 400. On Linux the answer counts only when it comes from the new process,
   * or from one that it started: on a socket that generations share, the old one answers too.
   */
  | { readonly kind: 'http'; readonly url: string }
  /** The same, for a connection that the new process accepts. */
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** Nothing is known but that it is still there. */
  | { readonly kind: 'timer'; readonly ms: number };

/** What a supervisor holds and runs. Every duration is in milliseconds. */
export interface SupervisorOptions {
  /**
   * What the service is called, in the log and in the status.
   *
   * @defaultValue 'service'
   */
  readonly name?: string;
  /** The sockets to hold, beside those that this process was given (`LISTEN_FDS`). */
  readonly listen?: readonly ListenSpec[];
  /** The program to run, with its arguments. */
  readonly command: readonly string[];
  /**
   * The folder to start it in.
   *
   * @defaultValue the one that this process was started in, by the name it was started by
   */
  readonly cwd?: string;
  /**
   * Processes of a generation.
   *
   * @defaultValue 1
   */
  readonly workers?: number;
  /**
   * Replace them one by one rather than all at once.
   *
   * @defaultValue false
   */
  readonly rolling?: boolean;
  /**
   * How it is known that a process serves.
   *
   * @defaultValue `{ kind: 'channel' }`
   */
  readonly readiness?: Readiness;
  /**
   * How long a process may take until it is ready to listen; it can ask for more, up to ten times this.
   *
   * @defaultValue 60_000
   */
  readonly readyMs?: number;
  /**
   * From the word to listen until it does.
   *
   * @defaultValue 10_000
   */
  readonly listenMs?: number;
  /**
   * How long both generations serve, before the old one drains.
   *
   * @defaultValue 1_000
   */
  readonly overlapMs?: number;
  /**
   * How long an old generation may take to finish its work, before SIGKILL.
   *
   * @defaultValue 30_000
   */
  readonly drainMs?: number;
  /**
   * From the signal to stop to the exit of the supervisor, at the latest: all
   * processes that are left are killed a moment before it.
   *
   * @defaultValue 28_000: the grace period of Kubernetes, less 2 s
   */
  readonly stopMs?: number;
  /**
   * From SIGTERM to SIGKILL for a process that is given up.
   *
   * @defaultValue 5_000
   */
  readonly terminateMs?: number;
  /**
   * Go back to the version before when a new one crashes this often within
   * this time after it took over; `false` to leave it to the operator.
   *
   * @defaultValue `{ crashes: 3, withinMs: 60_000 }`
   */
  readonly rollback?: { readonly crashes: number; readonly withinMs: number } | false;
  /**
   * How a program that does not speak our protocol is told to leave.
   *
   * @defaultValue 'SIGTERM'
   */
  readonly stopSignal?: NodeJS.Signals;
  /** Hears of everything; pino's shape. */
  readonly logger?: Logger | false;
  /** Count upgrades and time their stages in this registry of prom-client. */
  readonly metrics?: { readonly register: MetricsRegistry } | false;
}

/** Resolved once: nothing below asks again. */
export interface ResolvedSupervisor
  extends Required<Omit<SupervisorOptions, 'command' | 'listen' | 'metrics' | 'cwd'>> {
  readonly command: readonly [string, ...string[]];
  readonly listen: readonly ListenSpec[];
  readonly cwd: string | undefined;
  readonly register: MetricsRegistry | undefined;
}

const keys = [
  'name',
  'listen',
  'command',
  'cwd',
  'workers',
  'rolling',
  'readiness',
  'readyMs',
  'listenMs',
  'overlapMs',
  'drainMs',
  'stopMs',
  'terminateMs',
  'rollback',
  'stopSignal',
  'logger',
  'metrics',
];

/**
 * @throws HandoverError `ERR_HANDOVER_OPTION`
 */
export function resolveSupervisor(options: SupervisorOptions): ResolvedSupervisor {
  knownKeys('the options of a supervisor', options, keys);
  const {
    name = 'service',
    workers = 1,
    rolling = false,
    readiness = { kind: 'channel' },
    stopSignal = 'SIGTERM',
  } = options;
  const { rollback = { crashes: 3, withinMs: 60_000 }, logger = false, metrics, cwd, listen = [] } = options;
  if (typeof name !== 'string' || !/^[\w.-]{1,64}$/.test(name))
    throw wrong('`name` to be 1 to 64 letters, digits, dots, dashes or underscores', name);
  if (!Number.isInteger(workers) || workers < 1 || workers > 1_024)
    throw wrong('`workers` to be a whole number from 1 to 1024', workers);
  if (!(stopSignal in constants.signals)) throw wrong('`stopSignal` to be the name of a signal', stopSignal);
  if (cwd !== undefined && !isAbsolute(cwd)) throw wrong('`cwd` to be an absolute path', cwd);
  if (rollback !== false) {
    if (!Number.isInteger(rollback.crashes) || rollback.crashes < 1)
      throw wrong('`rollback.crashes` to be a whole number from 1', rollback.crashes);
    duration('rollback.withinMs', rollback.withinMs, 0);
  }
  return {
    name,
    listen: listen.map(resolveListen),
    command: command('command', options.command),
    cwd: cwd === undefined ? undefined : resolve(cwd),
    workers,
    rolling,
    readiness: resolveReadiness(readiness),
    readyMs: duration('readyMs', options.readyMs, 60_000),
    listenMs: duration('listenMs', options.listenMs, 10_000),
    overlapMs: duration('overlapMs', options.overlapMs, 1_000),
    drainMs: duration('drainMs', options.drainMs, 30_000),
    stopMs: duration('stopMs', options.stopMs, 28_000),
    terminateMs: duration('terminateMs', options.terminateMs, 5_000),
    rollback,
    stopSignal,
    logger,
    register: metrics ? metrics.register : undefined,
  };
}

function resolveReadiness(readiness: Readiness): Readiness {
  const what = '`readiness`';
  switch (readiness.kind) {
    case 'channel':
      knownKeys(what, readiness, ['kind']);
      return readiness;
    case 'http':
      knownKeys(what, readiness, ['kind', 'url']);
      if (!URL.canParse(readiness.url) || new URL(readiness.url).protocol !== 'http:')
        throw wrong(`${what}.url to be a URL that begins with http://`, readiness.url);
      return readiness;
    case 'tcp': {
      knownKeys(what, readiness, ['kind', 'host', 'port']);
      const { host, port } = readiness;
      if (typeof host !== 'string' || host === '') throw wrong(`${what}.host to be an address`, host);
      if (!Number.isInteger(port) || port < 1 || port > 65_535)
        throw wrong(`${what}.port to be a whole number from 1 to 65535`, port);
      return readiness;
    }
    case 'timer':
      knownKeys(what, readiness, ['kind', 'ms']);
      return { kind: 'timer', ms: duration(`readiness.ms`, readiness.ms, 0) };
    default:
      throw wrong(
        `${what}.kind to be 'channel', 'http', 'tcp' or 'timer'`,
        (readiness as { kind?: unknown }).kind,
      );
  }
}

function resolveListen(spec: ListenSpec, index: number, all: readonly ListenSpec[]): ListenSpec {
  const what = `\`listen[${index}]\``;
  knownKeys(what, spec, ['name', 'port', 'host', 'path', 'backlog']);
  const { name, port, path, backlog } = spec;
  // sd_listen_fds_with_names(3): names stand side by side, with colons between them.
  if (typeof name !== 'string' || !/^[\x20-\x39\x3b-\x7e]{1,255}$/.test(name))
    throw wrong(`${what}.name to be 1 to 255 printable characters of ASCII without a colon`, name);
  if (all.findIndex((other) => other.name === name) !== index)
    throw wrong(`${what}.name to be given once`, name);
  if ((port === undefined) === (path === undefined))
    throw wrong(`${what} to have either a \`port\` or a \`path\``, port === undefined ? 'neither' : 'both');
  if (port !== undefined && (!Number.isInteger(port) || port < 0 || port > 65_535))
    throw wrong(`${what}.port to be a whole number from 0 to 65535`, port);
  if (path !== undefined && path === '') throw wrong(`${what}.path to be a path`, path);
  if (backlog !== undefined && (!Number.isInteger(backlog) || backlog < 1))
    throw wrong(`${what}.backlog to be a whole number from 1`, backlog);
  return spec;
}
