import { constants } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import type { Logger } from '@graceful/core';
import type { Address } from './http/listen-on.js';
import { jsonLog } from './json-log.js';
import { duration, knownKeys, wrong } from './options.js';
import { circleOf } from './pod/order.js';
import type { HoldTimes } from './pod/release.js';
import { isName } from './protocol/check.js';
import { defaultSocketPath, socketVariable } from './protocol/wire.js';

/** An instance that is to come: until it does, the pod is not ready. */
export interface ExpectedInstance {
  /** What it calls itself when it registers. */
  readonly name: string;
  /** Where it serves: should it never register, the kernel is asked whether somebody listens there. */
  readonly ports?: readonly number[];
  /** Names of those that are to be drained before it begins to. */
  readonly after?: readonly string[];
  /**
   * The container that it runs in, as the manifest names it: its hook asks by that.
   *
   * @defaultValue `name`
   */
  readonly container?: string;
}

/** Where receipts are written to, beside {@link CompanionOptions.logger}'s own log. */
export interface ReceiptsOptions {
  /**
   * A file that receipts are added to.
   *
   * @defaultValue none
   */
  readonly file?: string;
  /**
   * The termination log of the container, which Kubernetes shows in the status of the pod.
   *
   * @defaultValue '/dev/termination-log' where that exists
   */
  readonly terminationLog?: string | false;
  /**
   * Writes a line of the log; `false` writes none.
   *
   * @defaultValue standard output
   */
  readonly log?: ((line: string) => void) | false;
}

/** What `startCompanion` takes. Every option has a default; every duration is in milliseconds. */
export interface CompanionOptions {
  /**
   * The path of the control socket, in a volume that the containers share. Its folder is made where there is none.
   *
   * @defaultValue `$GRACEFUL_COMPANION`, else '/run/graceful/control.sock'
   */
  readonly socket?: string;
  /**
   * The group that may open the control socket, as a number.
   *
   * @defaultValue that of the process, or of the folder where that hands its group on (setgid)
   */
  readonly socketGroup?: number;
  /**
   * Where probes and hooks are answered.
   *
   * @defaultValue `{ host: '0.0.0.0', port: 9901 }`
   */
  readonly kubelet?: Partial<Address>;
  /**
   * Where Prometheus asks.
   *
   * @defaultValue false
   */
  readonly metrics?: Partial<Address> | false;
  /** Those that are to come. */
  readonly expect?: readonly ExpectedInstance[];
  /**
   * How long preStop hooks are held.
   *
   * @defaultValue `{ minMs: 5_000, quietMs: 2_000, maxMs: 15_000 }`
   */
  readonly hold?: Partial<HoldTimes>;
  /**
   * The pod's `terminationGracePeriodSeconds`, in milliseconds. Nothing tells a process of it (there is no downward API for it): it must be said here, too.
   *
   * @defaultValue 30_000
   */
  readonly graceMs?: number;
  /**
   * How long to stay when everybody has gone, so that a last scrape finds the
   * metrics; never beyond the pod's grace.
   *
   * @defaultValue 0
   */
  readonly lingerMs?: number;
  /** Where receipts are written to. */
  readonly receipts?: ReceiptsOptions;
  /**
   * What is left for the next companion of this pod.
   *
   * @defaultValue 'state.json' beside the control socket
   */
  readonly stateFile?: string;
  /**
   * `metadata.name` of the pod.
   *
   * @defaultValue `$POD_NAME`, else `$HOSTNAME`
   */
  readonly podName?: string;
  /**
   * `metadata.uid` of the pod: what another pod left in a volume is not taken for one's own.
   *
   * @defaultValue `$POD_UID`
   */
  readonly podUid?: string;
  /**
   * Any pino-compatible logger, or `false` for none.
   *
   * @defaultValue lines of JSON on standard output
   */
  readonly logger?: Logger | false;
  /**
   * Signals that end the companion; `[]` for none.
   *
   * @defaultValue ['SIGTERM', 'SIGINT']
   */
  readonly signals?: readonly NodeJS.Signals[];
  /**
   * How the process ends; `false` leaves it alone.
   *
   * @defaultValue process.exit
   */
  readonly exit?: ((code: number) => void) | false;
}

/** The options with every default filled in. */
export interface ResolvedCompanion {
  readonly socket: string;
  readonly socketGroup: number | undefined;
  readonly kubelet: Address;
  readonly metrics: Address | false;
  readonly expect: readonly Required<ExpectedInstance>[];
  readonly hold: HoldTimes;
  readonly graceMs: number;
  readonly lingerMs: number;
  readonly receipts: ReceiptsOptions;
  readonly stateFile: string;
  readonly podName: string;
  readonly podUid: string;
  readonly logger: Logger | false;
  readonly signals: readonly NodeJS.Signals[];
  readonly exit: ((code: number) => void) | false;
}

const defaultKubelet: Address = { host: '0.0.0.0', port: 9_901 };
const defaultHold: HoldTimes = { minMs: 5_000, quietMs: 2_000, maxMs: 15_000 };

const known: readonly (keyof CompanionOptions)[] = [
  'socket',
  'socketGroup',
  'kubelet',
  'metrics',
  'expect',
  'hold',
  'graceMs',
  'lingerMs',
  'receipts',
  'stateFile',
  'podName',
  'podUid',
  'logger',
  'signals',
  'exit',
];

/**
 * Check the options and fill in what was left out.
 *
 * @throws CompanionError `ERR_COMPANION_OPTION`
 */
export function resolveCompanion(
  options: CompanionOptions,
  environment: NodeJS.ProcessEnv = process.env,
): ResolvedCompanion {
  knownKeys('the options', options, known);
  const { metrics = false, logger = jsonLog(process.stdout), exit = (code) => process.exit(code) } = options;
  const socket = path('socket', options.socket ?? (environment[socketVariable] || defaultSocketPath));
  if (exit !== false && typeof exit !== 'function') throw wrong('`exit` to be a function or false', exit);
  return {
    socket,
    socketGroup: options.socketGroup === undefined ? undefined : count('socketGroup', options.socketGroup),
    kubelet: address('kubelet', options.kubelet ?? {}, defaultKubelet),
    metrics: metrics === false ? false : address('metrics', metrics, { host: '0.0.0.0', port: 9_902 }),
    expect: expected(options.expect ?? []),
    hold: hold(options.hold ?? {}),
    graceMs: positive('graceMs', duration('graceMs', options.graceMs, 30_000)),
    lingerMs: duration('lingerMs', options.lingerMs, 0),
    receipts: receipts(options.receipts ?? {}),
    stateFile: path('stateFile', options.stateFile ?? join(dirname(socket), 'state.json')),
    podName: text('podName', options.podName ?? environment['POD_NAME'] ?? environment['HOSTNAME'] ?? ''),
    podUid: text('podUid', options.podUid ?? environment['POD_UID'] ?? ''),
    logger: logger === false ? false : usable(logger),
    signals: signals(options.signals ?? ['SIGTERM', 'SIGINT']),
    exit,
  };
}

function path(name: string, value: unknown): string {
  if (typeof value === 'string' && isAbsolute(value)) return value;
  throw wrong(`\`${name}\` to be an absolute path, such as ${defaultSocketPath}`, value);
}

function text(name: string, value: unknown): string {
  if (typeof value === 'string' && value.length <= 253) return value;
  throw wrong(`\`${name}\` to be text of at most 253 characters`, value);
}

function count(name: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw wrong(`\`${name}\` to be a whole number from 0 on`, value);
}

function positive(name: string, value: number): number {
  if (value > 0) return value;
  throw wrong(`\`${name}\` to be more than 0: with no grace at all nobody can leave`, value);
}

function address(name: string, value: Partial<Address>, unless: Address): Address {
  knownKeys(`\`${name}\``, value, ['host', 'port']);
  const { host = unless.host, port = unless.port } = value;
  if (typeof host !== 'string' || host === '') throw wrong(`\`${name}.host\` to be an address`, host);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return { host, port };
  throw wrong(`\`${name}.port\` to be a whole number from 0 to 65535`, port);
}

function hold(value: Partial<HoldTimes>): HoldTimes {
  knownKeys('`hold`', value, ['minMs', 'quietMs', 'maxMs']);
  const minMs = duration('hold.minMs', value.minMs, defaultHold.minMs);
  const quietMs = duration('hold.quietMs', value.quietMs, defaultHold.quietMs);
  const maxMs = duration('hold.maxMs', value.maxMs, Math.max(defaultHold.maxMs, minMs));
  if (minMs <= maxMs) return { minMs, quietMs, maxMs };
  throw wrong(`\`hold.minMs\` to be at most \`hold.maxMs\` (${maxMs})`, minMs);
}

function receipts(value: ReceiptsOptions): ReceiptsOptions {
  knownKeys('`receipts`', value, ['file', 'terminationLog', 'log']);
  return value;
}

function usable(logger: Logger): Logger {
  for (const method of ['info', 'warn', 'error'] as const) {
    if (typeof logger?.[method] !== 'function') {
      throw wrong(`\`logger\` to be pino-compatible, with a method \`${method}\`, or false`, logger);
    }
  }
  return logger;
}

/** These cannot be caught (signal(7)). */
const notForUs: readonly string[] = ['SIGKILL', 'SIGSTOP'];

function signals(value: readonly NodeJS.Signals[]): readonly NodeJS.Signals[] {
  if (!Array.isArray(value)) throw wrong('`signals` to be an array', value);
  for (const signal of value) {
    if (signal in constants.signals && !notForUs.includes(signal)) continue;
    throw wrong('`signals` to hold names of signals that a process may handle, such as "SIGTERM"', signal);
  }
  return [...new Set(value)];
}

function expected(value: readonly ExpectedInstance[]): readonly Required<ExpectedInstance>[] {
  if (!Array.isArray(value)) throw wrong('`expect` to be an array', value);
  const all: Required<ExpectedInstance>[] = [];
  for (const one of value as readonly ExpectedInstance[]) {
    const resolved = expectedOne(one);
    if (all.some(({ name }) => name === resolved.name)) {
      throw wrong('each name in `expect` once', resolved.name);
    }
    const circle = circleOf(
      all.map((other) => ({ ...other, budgets: undefined })),
      { ...resolved, budgets: undefined },
    );
    if (circle) throw wrong('`after` in `expect` to make no circle', circle.join(' after '));
    all.push(resolved);
  }
  for (const { name, after } of all) {
    const missing = after.find((before) => !all.some((other) => other.name === before));
    if (missing === undefined) continue;
    throw wrong(
      `\`after\` of ${name} in \`expect\` to name others of it (${all.map((one) => one.name).join(', ')})`,
      missing,
    );
  }
  return all;
}

function expectedOne(value: ExpectedInstance): Required<ExpectedInstance> {
  knownKeys('an entry of `expect`', value, ['name', 'ports', 'after', 'container']);
  const { name, ports = [], after = [], container = name } = value;
  if (!isName(name)) throw wrong('`name` in `expect` to be up to 63 letters, digits, "-", "_" and "."', name);
  if (!isName(container)) {
    throw wrong(
      `\`container\` of ${name} in \`expect\` to be up to 63 letters, digits, "-", "_" and "."`,
      container,
    );
  }
  if (!Array.isArray(ports)) throw wrong(`\`ports\` of ${name} in \`expect\` to be an array`, ports);
  for (const port of ports as readonly unknown[]) {
    if (Number.isInteger(port) && (port as number) > 0 && (port as number) <= 65_535) continue;
    throw wrong(`\`ports\` of ${name} in \`expect\` to hold numbers from 1 to 65535`, port);
  }
  if (!Array.isArray(after)) throw wrong(`\`after\` of ${name} in \`expect\` to be an array`, after);
  return { name, ports, after, container };
}
