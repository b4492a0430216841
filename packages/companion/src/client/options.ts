import type { Logger } from '@graceful/core';
import type { CompanionKit } from '@graceful/core/companion';
import { duration, knownKeys, wrong } from '../options.js';
import { isName } from '../protocol/check.js';
import { type Budgets, defaultSocketPath, limits, socketVariable } from '../protocol/wire.js';

/** How a service takes part in a pod that has a companion. */
export interface CompanionClientOptions {
  /** What the service is called, in what the companion says and in its receipt: a name as that of a container. */
  readonly name: string;
  /**
   * The companion's control socket.
   *
   * @defaultValue `GRACEFUL_COMPANION` of the environment, else `/run/graceful/control.sock`
   */
  readonly socket?: string;
  /**
   * The container that the service runs in, as the manifest names it: its `preStop` hook asks by that.
   *
   * @defaultValue `name`
   */
  readonly container?: string;
  /**
   * The TCP ports that it serves on.
   *
   * @defaultValue those that its servers listen on
   */
  readonly ports?: readonly number[];
  /** Names of others that are to be drained before this one begins to, such as the proxy in front of it. */
  readonly after?: string | readonly string[];
  /**
   * What its shutdown may take, in milliseconds.
   *
   * @defaultValue those of `drain` of the service
   */
  readonly budgets?: Partial<Budgets>;
  /**
   * How long the companion may take to answer, in milliseconds: a sidecar may have little of the processor. Nothing
   * waits for it but the exit, a second at most.
   *
   * @defaultValue 5_000
   */
  readonly connectMs?: number;
  /**
   * Any pino-compatible logger, or `false` for none.
   *
   * @defaultValue that of the service
   */
  readonly logger?: Logger | false;
}

/** The options with every default filled in. */
export interface ResolvedClient {
  readonly name: string;
  readonly socket: string;
  readonly container: string;
  /** `undefined`: those that its servers listen on. */
  readonly ports: readonly number[] | undefined;
  readonly after: readonly string[];
  readonly budgets: Budgets;
  readonly connectMs: number;
  readonly logger: Logger | false;
}

/** A Unix socket's path has so much room, with the NUL at its end: unix(7). */
const longestPath = 107;

/** Of one instance: what the companion looks at for it. */
const mostPorts = 16;

const keys = ['name', 'socket', 'container', 'ports', 'after', 'budgets', 'connectMs', 'logger'];

/** @throws CompanionError `ERR_COMPANION_OPTION` */
export function resolveClient(
  options: CompanionClientOptions,
  kit: Pick<CompanionKit, 'budgets' | 'logger'>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ResolvedClient {
  knownKeys('the options of the companion', options, keys);
  const name = expectName('`name`', options.name);
  const { container, ports, after = [], budgets = {} } = options;
  knownKeys('`budgets`', budgets, ['delayMs', 'requestsMs', 'hooksMs']);
  const others: unknown = typeof after === 'string' ? [after] : after;
  if (!Array.isArray(others)) throw wrong('`after` to be a name or an array of names', after);
  return {
    name,
    socket: socketPath(options.socket, environment),
    container: container === undefined ? name : expectName('`container`', container),
    ports: ports === undefined ? undefined : expectPorts(ports),
    after: others.map((other) => expectName('`after`', other)),
    budgets: {
      delayMs: duration('budgets.delayMs', budgets.delayMs, kit.budgets.delayMs),
      requestsMs: duration('budgets.requestsMs', budgets.requestsMs, kit.budgets.requestsMs),
      hooksMs: duration('budgets.hooksMs', budgets.hooksMs, kit.budgets.hooksMs),
    },
    connectMs: duration('connectMs', options.connectMs, 5_000),
    logger: resolveLogger(options.logger ?? kit.logger),
  };
}

function expectName(what: string, value: unknown): string {
  if (isName(value)) return value;
  throw wrong(
    `${what} to be 1 to ${limits.nameLength} letters, digits, "-", "_" and ".", with a letter or digit at both ends`,
    value,
  );
}

function isPort(port: unknown): boolean {
  return Number.isInteger(port) && (port as number) > 0 && (port as number) <= 65_535;
}

function expectPorts(ports: unknown): readonly number[] {
  if (Array.isArray(ports) && ports.length <= mostPorts && ports.every(isPort)) return ports as number[];
  throw wrong(`\`ports\` to be an array of at most ${mostPorts} ports from 1 to 65535`, ports);
}

/** @throws CompanionError `ERR_COMPANION_OPTION` */
export function socketPath(
  given: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const path = given ?? (environment[socketVariable] || defaultSocketPath);
  const what = given === undefined ? socketVariable : '`socket`';
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    throw wrong(`${what} to be the path of a Unix socket`, path);
  if (Buffer.byteLength(path) > longestPath)
    throw wrong(`${what} to be a path of at most ${longestPath} bytes, as unix(7) has room for`, path);
  return path;
}

function resolveLogger(logger: Logger | false): Logger | false {
  if (logger === false) return false;
  for (const method of ['info', 'warn', 'error'] as const) {
    if (typeof logger?.[method] !== 'function')
      throw wrong('`logger` to have the methods info, warn and error, or to be false', logger);
  }
  return logger;
}
