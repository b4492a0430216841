import { constants } from 'node:os';
import { resolve } from 'node:path';
import type { MetricsRegistry } from '@graceful/core';
import type { StateHandover } from '../generation/member.js';
import { command, duration, knownKeys, wrong } from '../options.js';

/** How a service replaces itself. Every duration is in milliseconds. */
export interface HandoverOptions {
  /**
   * The signal that starts a new generation; `false` for none, where `upgrade()` is called.
   *
   * @defaultValue 'SIGUSR2'
   */
  readonly signal?: NodeJS.Signals | false;
  /** A file that always names the process that serves; written when it is ready, replaced at each upgrade. */
  readonly pidFile?: string;
  /**
   * How long the new one may take until it is ready to listen. It can ask for more, up to ten times this.
   *
   * @defaultValue 60_000
   */
  readonly readyMs?: number;
  /**
   * How long the new one may take from the word to listen until it does.
   *
   * @defaultValue 10_000
   */
  readonly listenMs?: number;
  /**
   * How long both serve, before the old one drains. A new one that fails meanwhile is given up.
   *
   * @defaultValue 1_000
   */
  readonly overlapMs?: number;
  /**
   * How long a new one that is given up may take from SIGTERM to its exit, before SIGKILL.
   *
   * @defaultValue 5_000
   */
  readonly terminateMs?: number;
  /**
   * What to start.
   *
   * @defaultValue this program, as it was started: the same words, paths resolved anew
   */
  readonly command?: readonly string[];
  /** Variables of the new one beside those that this process was started with; `undefined` takes one away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /**
   * Start the new version with `GRACEFUL_CHECK=1` first, and go on only if it
   * exits with 0 within this time. The app looks at the variable: it loads
   * everything, checks its configuration, and exits.
   *
   * @defaultValue none
   */
  readonly checkMs?: number;
  /** What the app hands on and takes beside the sockets. */
  readonly state?: StateHandover;
  /**
   * Count upgrades and time their stages in this registry of prom-client.
   *
   * @defaultValue false
   */
  readonly metrics?: { readonly register: MetricsRegistry } | false;
  /**
   * Replace this process even where that ends the new one too: as PID 1, or under an init with one child.
   *
   * @defaultValue false
   */
  readonly force?: boolean;
}

/** Resolved once: nothing below asks again. */
export interface ResolvedHandover
  extends Required<
    Pick<HandoverOptions, 'signal' | 'readyMs' | 'listenMs' | 'overlapMs' | 'terminateMs' | 'state' | 'force'>
  > {
  readonly pidFile: string | undefined;
  readonly command: readonly [string, ...string[]] | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly checkMs: number | undefined;
  readonly register: MetricsRegistry | undefined;
}

/** Signals that Node or the system keep, or that say something else already. */
const taken = ['SIGKILL', 'SIGSTOP', 'SIGUSR1', 'SIGTERM', 'SIGINT', 'SIGCHLD', 'SIGPROF'];

export function resolveHandover(options: HandoverOptions): ResolvedHandover {
  knownKeys('the options of handover()', options, [
    'signal',
    'pidFile',
    'readyMs',
    'listenMs',
    'overlapMs',
    'terminateMs',
    'command',
    'environment',
    'checkMs',
    'state',
    'metrics',
    'force',
  ]);
  const { signal = 'SIGUSR2', pidFile, state = {}, metrics, force = false } = options;
  if (signal !== false && (!(signal in constants.signals) || taken.includes(signal))) {
    throw wrong(
      '`signal` to be a signal that means nothing else yet, such as SIGUSR2 or SIGHUP, or false',
      signal,
    );
  }
  if (pidFile !== undefined && (typeof pidFile !== 'string' || pidFile === ''))
    throw wrong('`pidFile` to be a path', pidFile);
  if (typeof force !== 'boolean') throw wrong('`force` to be true or false', force);
  knownKeys('`state`', state, ['save', 'restore', 'undo']);
  for (const [name, value] of Object.entries(state)) {
    if (value !== undefined && typeof value !== 'function')
      throw wrong(`\`state.${name}\` to be a function`, value);
  }
  return {
    signal,
    // Where this process was started, whatever folder the app has gone to since.
    pidFile: pidFile === undefined ? undefined : resolve(pidFile),
    readyMs: duration('readyMs', options.readyMs, 60_000),
    listenMs: duration('listenMs', options.listenMs, 10_000),
    overlapMs: duration('overlapMs', options.overlapMs, 1_000),
    terminateMs: duration('terminateMs', options.terminateMs, 5_000),
    command: options.command === undefined ? undefined : command('command', options.command),
    environment: options.environment ?? {},
    checkMs: options.checkMs === undefined ? undefined : duration('checkMs', options.checkMs, 0),
    state,
    register: metrics ? metrics.register : undefined,
    force,
  };
}
