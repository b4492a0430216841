import { ConfigError } from '../config-error.js';
import { expectFunction, expectObject } from '../expect.js';
import type { WatchedConfig } from '../watched-config.js';
import { follow } from './follow.js';

/** What is asked of a logger whose level changes: pino's is of this shape. */
export interface LevelLogger {
  /** What it writes, and what is graver. */
  level: string;
  /** The levels that there are, where it tells. */
  readonly levels?: { readonly values: Readonly<Record<string, number>> };
}

/**
 * Let the level of `loggers` follow the configuration, from now on. Children
 * of pino keep the level that they were made with: name those, too. Disposing
 * it leaves the level as it then is.
 *
 * @param select - the level; `undefined`: the one that each logger has now
 * @throws ConfigError `ERR_CONFIG_OPTION` for a level that a logger does not have; later, that is an `error` of the configuration
 */
export function followLogLevel<Value>(
  config: WatchedConfig<Value>,
  loggers: LevelLogger | readonly LevelLogger[],
  select: (value: Value) => string | undefined,
): Disposable {
  expectFunction('what selects the log level', select);
  const all = Array.isArray(loggers) ? (loggers as readonly LevelLogger[]) : [loggers as LevelLogger];
  const followers = all.map((logger) => {
    expectObject('a logger whose level follows', logger);
    return { logger, usual: logger.level };
  });
  return follow(config, (value) => {
    const wanted = select(value);
    // All are asked before one is changed.
    for (const { logger } of followers) expectLevel(logger, wanted);
    for (const { logger, usual } of followers) logger.level = wanted ?? usual;
  });
}

function expectLevel({ levels }: LevelLogger, level: string | undefined): void {
  if (level === undefined || level === 'silent' || !levels || Object.hasOwn(levels.values, level)) return;
  const known = [...Object.keys(levels.values), 'silent'].join(', ');
  throw new ConfigError(
    'ERR_CONFIG_OPTION',
    `Expected the log level to be one of ${known}, got ${JSON.stringify(level)}. Let the schema refuse others.`,
  );
}
