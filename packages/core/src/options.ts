import { constants } from 'node:os';
import { GracefulError, shown } from './errors.js';
import { expectDuration, expectFunction, expectKnownKeys, expectObject, expectPort } from './expect.js';
import type { IdleOptions } from './drain/eviction.js';
import { type AdaptiveDelay, longestDelayMs } from './lifecycle/lame-duck.js';
import type { Logger } from './observe/log.js';
import type { MetricsRegistry } from './observe/metrics.js';
import type { ProbePaths } from './probes/endpoints.js';

/** How long each step of a shutdown may take. The three budgets add up to the whole. */
export interface DrainOptions {
  /**
   * The lame-duck, in milliseconds: readiness says 503, and the service goes
   * on serving while balancers notice. Or an adaptive one, which ends as soon
   * as traffic has stopped.
   *
   * @defaultValue 5_000
   */
  readonly delayMs?: number | AdaptiveDelay;
  /**
   * Time for requests in flight once the listener is closed, in milliseconds.
   *
   * @defaultValue 15_000
   */
  readonly requestsMs?: number;
  /**
   * Time for the hooks of the phases `close` and `flush`, in milliseconds. A
   * fifth of it is kept back for `flush`, where there are such hooks.
   *
   * @defaultValue 5_000
   */
  readonly hooksMs?: number;
  /**
   * How long a client may still use an idle connection after the lame-duck,
   * in milliseconds; less, if the server's `keepAliveTimeout` runs out before.
   *
   * @defaultValue 5_000
   */
  readonly idleMs?: number;
  /**
   * Over how much of the lame-duck kept-alive clients are told to leave, in
   * milliseconds. Those told come back through the balancers: where these have
   * not noticed yet, right here. Up to 32 are told from the first instant on;
   * of more, each has a turn of its own. `0` tells everybody from the first
   * instant on.
   *
   * @defaultValue half of the lame-duck
   */
  readonly tellMs?: number;
  /**
   * Over how long the ends of event streams, of other responses that live
   * long, and of upgraded sockets are spread once the listener is closed, in
   * milliseconds. A few take less. A part of `requestsMs`.
   *
   * @defaultValue 5_000, at most half of `requestsMs`
   */
  readonly spreadMs?: number;
  /**
   * When the client of an event stream is to come back after its end, in
   * milliseconds: the last `retry:` that it is sent.
   *
   * @defaultValue 1_000
   */
  readonly retryMs?: number;
}

/** Where probes are answered. */
export interface ProbeOptions extends Partial<ProbePaths> {
  /**
   * The path of the liveness probe: 200 as long as the process can answer. `false` leaves it to the app.
   *
   * @defaultValue '/healthz'
   */
  readonly liveness?: string | false;
  /**
   * The path of the readiness probe: 200 while the service is ready and its checks pass. `false` leaves it to the app.
   *
   * @defaultValue '/readyz'
   */
  readonly readiness?: string | false;
  /**
   * The path of the startup probe: 200 once the service has been ready. `false` leaves it to the app.
   *
   * @defaultValue '/startupz'
   */
  readonly startup?: string | false;
  /**
   * A port of their own, beside the app's, that answers until the process ends.
   *
   * @defaultValue none
   */
  readonly port?: number | undefined;
  /**
   * The address to bind {@link ProbeOptions.port} on; the kubelet asks at the pod's address.
   *
   * @defaultValue all addresses
   */
  readonly host?: string | undefined;
}

/** What `createGraceful` takes. Every option has a default. */
export interface GracefulOptions {
  /** The budgets. */
  readonly drain?: DrainOptions;
  /**
   * When idle connections are closed while the service is serving.
   *
   * @defaultValue as Node does, after the server's `keepAliveTimeout`
   */
  readonly idle?: IdleOptions;
  /** Where probes are answered; `false`: nowhere. */
  readonly probes?: ProbeOptions | false;
  /**
   * Any pino-compatible logger, or `false` for none.
   *
   * @defaultValue pino, on standard output
   */
  readonly logger?: Logger | false;
  /**
   * A prom-client registry of yours to register metrics in.
   *
   * @defaultValue false
   */
  readonly metrics?: { readonly register: MetricsRegistry } | false;
  /**
   * Signals that begin a shutdown; `[]` for none.
   *
   * @defaultValue ['SIGTERM', 'SIGINT']
   */
  readonly signals?: readonly NodeJS.Signals[];
  /**
   * How the process ends after the report; `false` leaves it alone, for tests and hosts.
   *
   * @defaultValue process.exit
   */
  readonly exit?: ((code: number) => void) | false;
  /**
   * Whether an uncaught exception or unhandled rejection begins a shutdown that ends with code 1.
   *
   * @defaultValue true, unless `exit` is `false`
   */
  readonly uncaughtErrors?: boolean;
}

/** The options with every default filled in: nothing below has to ask again. */
export interface ResolvedOptions {
  /** One object for as long as the service lives: `setDrain` changes what is in it. */
  readonly drain: Required<DrainOptions>;
  readonly idle: Required<IdleOptions> | undefined;
  readonly probes: ProbePaths & { readonly port: number | undefined; readonly host: string | undefined };
  /** `undefined`: the default one, made when it is needed. */
  readonly logger: Logger | false | undefined;
  readonly metrics: { readonly register: MetricsRegistry } | false;
  readonly signals: readonly NodeJS.Signals[];
  readonly exit: ((code: number) => void) | false;
  readonly uncaughtErrors: boolean;
}

/**
 * Check the options and fill in what was left out.
 *
 * @throws {@link GracefulError} `ERR_GRACEFUL_OPTION`
 */
export function resolveOptions(options: GracefulOptions): ResolvedOptions {
  expectObject('the options', options);
  expectKnownKeys('the options', options, [
    'drain',
    'idle',
    'probes',
    'logger',
    'metrics',
    'signals',
    'exit',
    'uncaughtErrors',
  ]);
  const { exit = (code: number) => process.exit(code) } = options;
  if (exit !== false) expectFunction('`exit`, where it is not false,', exit);
  return {
    drain: resolveDrain(options.drain ?? {}),
    idle: options.idle === undefined ? undefined : resolveIdle(options.idle),
    probes: resolveProbes(options.probes ?? {}),
    logger: resolveLogger(options.logger),
    metrics: resolveMetrics(options.metrics ?? false),
    signals: resolveSignals(options.signals ?? ['SIGTERM', 'SIGINT']),
    exit,
    uncaughtErrors: options.uncaughtErrors ?? exit !== false,
  };
}

/**
 * The budgets, and what depends on them.
 *
 * @throws {@link GracefulError} `ERR_GRACEFUL_OPTION`
 */
export function resolveDrain(drain: DrainOptions): Required<DrainOptions> {
  expectObject('`drain`', drain);
  expectKnownKeys('`drain`', drain, [
    'delayMs',
    'requestsMs',
    'hooksMs',
    'idleMs',
    'tellMs',
    'spreadMs',
    'retryMs',
  ]);
  const { delayMs = 5_000, requestsMs = 15_000, hooksMs = 5_000, idleMs = 5_000 } = drain;
  if (typeof delayMs === 'object' && delayMs !== null) assertAdaptive(delayMs);
  else expectDuration('`drain.delayMs`', delayMs);
  expectDuration('`drain.requestsMs`', requestsMs);
  expectDuration('`drain.hooksMs`', hooksMs);
  expectDuration('`drain.idleMs`', idleMs);
  const { tellMs = (typeof delayMs === 'number' ? delayMs : delayMs.minMs) / 2 } = drain;
  expectDuration('`drain.tellMs`', tellMs);
  if (tellMs > longestDelayMs(delayMs)) {
    throw new GracefulError(
      'ERR_GRACEFUL_OPTION',
      `Expected \`drain.tellMs\` to be at most the lame-duck (${longestDelayMs(delayMs)}), got ${tellMs}.`,
    );
  }
  const { spreadMs = Math.min(5_000, requestsMs / 2), retryMs = 1_000 } = drain;
  expectDuration('`drain.spreadMs`', spreadMs);
  expectDuration('`drain.retryMs`', retryMs);
  if (spreadMs > requestsMs) {
    throw new GracefulError(
      'ERR_GRACEFUL_OPTION',
      `Expected \`drain.spreadMs\` to be at most \`drain.requestsMs\` (${requestsMs}), got ${spreadMs}.`,
    );
  }
  return { delayMs, requestsMs, hooksMs, idleMs, tellMs, spreadMs, retryMs: Math.round(retryMs) };
}

function resolveIdle(idle: IdleOptions): Required<IdleOptions> {
  expectObject('`idle`', idle);
  expectKnownKeys('`idle`', idle, ['evictAfterMs', 'maxConnections']);
  const { evictAfterMs, maxConnections } = idle;
  if (evictAfterMs !== undefined && evictAfterMs !== Infinity)
    expectDuration('`idle.evictAfterMs`', evictAfterMs);
  if (evictAfterMs === 0) {
    throw new GracefulError(
      'ERR_GRACEFUL_OPTION',
      'Expected `idle.evictAfterMs` to be more than 0, got 0. To close each connection after its response, let the app say `Connection: close`.',
    );
  }
  if (
    maxConnections !== undefined &&
    maxConnections !== Infinity &&
    !(Number.isInteger(maxConnections) && maxConnections > 0)
  ) {
    throw new GracefulError(
      'ERR_GRACEFUL_OPTION',
      `Expected \`idle.maxConnections\` to be a whole number above 0, got ${shown(maxConnections)}.`,
    );
  }
  return { evictAfterMs: evictAfterMs ?? Infinity, maxConnections: maxConnections ?? Infinity };
}

function assertAdaptive(delay: AdaptiveDelay): void {
  expectKnownKeys('`drain.delayMs`', delay, ['minMs', 'maxMs', 'quietMs']);
  for (const key of ['minMs', 'maxMs', 'quietMs'] as const)
    expectDuration(`\`drain.delayMs.${key}\``, delay[key]);
  if (delay.minMs > delay.maxMs) {
    throw new GracefulError(
      'ERR_GRACEFUL_OPTION',
      `Expected \`drain.delayMs.minMs\` to be at most \`maxMs\` (${delay.maxMs}), got ${delay.minMs}.`,
    );
  }
}

function resolveProbes(probes: ProbeOptions | false): ResolvedOptions['probes'] {
  if (probes === false) {
    return { liveness: false, readiness: false, startup: false, port: undefined, host: undefined };
  }
  expectObject('`probes`, where it is not false,', probes);
  expectKnownKeys('`probes`', probes, ['liveness', 'readiness', 'startup', 'port', 'host']);
  const { liveness = '/healthz', readiness = '/readyz', startup = '/startupz', port, host } = probes;
  const paths = { liveness, readiness, startup };
  const taken = new Map<string, string>();
  for (const [probe, path] of Object.entries(paths)) {
    if (path === false) continue;
    if (typeof path !== 'string' || !/^\/[^?#\s]*$/.test(path)) {
      throw new GracefulError(
        'ERR_GRACEFUL_OPTION',
        `Expected \`probes.${probe}\` to be a path such as "/healthz", without a query, or false, got ${shown(path)}.`,
      );
    }
    const other = taken.get(path);
    if (other) {
      throw new GracefulError(
        'ERR_GRACEFUL_OPTION',
        `Expected \`probes.${probe}\` to have a path of its own, got ${shown(path)}, which is \`probes.${other}\`.`,
      );
    }
    taken.set(path, probe);
  }
  if (port !== undefined) expectPort('`probes.port`', port);
  return { ...paths, port, host };
}

function resolveLogger(logger: Logger | false | undefined): Logger | false | undefined {
  if (logger === undefined || logger === false) return logger;
  expectObject('`logger`, where it is not false,', logger);
  for (const method of ['info', 'warn', 'error'] as const)
    expectFunction(`\`logger.${method}\``, logger[method]);
  return logger;
}

function resolveMetrics(metrics: { readonly register: MetricsRegistry } | false): ResolvedOptions['metrics'] {
  if (metrics === false) return false;
  expectObject('`metrics`, where it is not false,', metrics);
  expectObject('`metrics.register`', metrics.register);
  expectFunction(
    '`registerMetric` of `metrics.register`, a prom-client Registry,',
    metrics.register.registerMetric,
  );
  return metrics;
}

/** These cannot be caught (signal(7)), or are the kernel's word that the process is broken: a handler would loop. */
const notForUs = ['SIGKILL', 'SIGSTOP', 'SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL'];

function resolveSignals(signals: readonly NodeJS.Signals[]): readonly NodeJS.Signals[] {
  if (!Array.isArray(signals)) {
    throw new GracefulError(
      'ERR_GRACEFUL_OPTION',
      `Expected \`signals\` to be an array, got ${shown(signals)}.`,
    );
  }
  for (const signal of signals) {
    if (!(signal in constants.signals) || notForUs.includes(signal)) {
      throw new GracefulError(
        'ERR_GRACEFUL_OPTION',
        `Expected \`signals\` to hold names of signals that a process may handle, such as "SIGTERM", got ${shown(signal)}.`,
      );
    }
  }
  return [...new Set(signals)];
}
