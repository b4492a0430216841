import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger, MetricsRegistry } from '@graceful/core';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ConfigError } from './config-error.js';
import { duration, expectFunction, expectKnownKeys, expectObject, expectSignal, wrong } from './expect.js';
import type { ConfigEvents } from './watched-config.js';

/** One file. */
export interface FileSource {
  /** The file; a symbolic link is followed, and watched too. A `file:` URL is fine. */
  readonly path: string | URL;
  /** Another way to say where it is. */
  readonly directory?: undefined;
  /**
   * Makes data of the text; for any format but JSON. What it throws says why
   * the content is refused; a line is taken from its `linePos`, `mark` or `line`,
   * as parsers of YAML and TOML have them.
   *
   * @defaultValue JSON (RFC 8259)
   */
  readonly parse?: (text: string, path: string) => unknown;
}

/** One file for each key, as a ConfigMap or a Secret is mounted. */
export interface DirectorySource {
  /**
   * The directory. Subfolders are left alone; so are, where it is no mount of
   * Kubernetes, files whose names begin with a dot or end with `~`.
   */
  readonly directory: string | URL;
  /** Another way to say where it is. */
  readonly path?: undefined;
  /**
   * Makes data of the texts, which are as they are in the files, with a line
   * break at the end where there is one.
   *
   * @defaultValue the texts by the names of their files
   */
  readonly parse?: (files: Readonly<Record<string, string>>, directory: string) => unknown;
}

/** What is watched, how it is judged, and who is told. Every duration is in milliseconds. */
export type WatchConfigOptions<Schema extends StandardSchemaV1> = (FileSource | DirectorySource) & {
  /** Any validator of Standard Schema version 1: zod, valibot, arktype; it may be asynchronous. */
  readonly schema: Schema;
  /**
   * How long it must be quiet before a change is looked at: editors and tools
   * write in several steps. Where it is never quiet, ten times this.
   *
   * @defaultValue 200
   */
  readonly debounceMs?: number;
  /**
   * The signal that looks at once, and judges again what was judged before; `false` for none.
   *
   * @defaultValue 'SIGHUP'
   */
  readonly signal?: NodeJS.Signals | false;
  /**
   * How changes are noticed: `auto` asks the system to tell (inotify(7)), and
   * looks by itself where it cannot; `poll` always looks by itself.
   *
   * @defaultValue 'auto'
   */
  readonly watch?: 'auto' | 'poll';
  /**
   * How often to look, where changes are not told of.
   *
   * @defaultValue 2_000
   */
  readonly pollMs?: number;
  /**
   * The most that is read, in bytes; of a directory, all files together.
   *
   * @defaultValue 1_048_576, as much as a ConfigMap can hold
   */
  readonly maxBytes?: number;
  /**
   * How long `parse` and the schema may take together.
   *
   * @defaultValue 10_000
   */
  readonly validateMs?: number;
  /**
   * How long to wait for a first value that is good; `Infinity` for as long as it takes.
   *
   * @defaultValue 0: a first value that is bad is an error
   */
  readonly waitMs?: number;
  /**
   * What it is called in log lines and metrics.
   *
   * @defaultValue the last part of the path
   */
  readonly name?: string;
  /**
   * Any pino-compatible logger; `false` for none.
   *
   * @defaultValue what goes wrong becomes a warning of the process (`process.emitWarning`)
   */
  readonly logger?: Logger | false;
  /**
   * Show revision and reloads in this registry of prom-client. Several configurations share one.
   *
   * @defaultValue false
   */
  readonly metrics?: { readonly register: MetricsRegistry } | false;
  /** The same as `on('change', …)`, from the start on. */
  readonly onChange?: ConfigEvents<StandardSchemaV1.InferOutput<Schema>>['change'];
  /** The same as `on('rejected', …)`, from the start on: it hears of a first value that is bad, too. */
  readonly onRejected?: ConfigEvents<StandardSchemaV1.InferOutput<Schema>>['rejected'];
};

/** Where the content comes from. */
export type Source = 'file' | 'directory';

/** Resolved once: nothing below asks again. */
export interface ResolvedWatch<Value> {
  readonly source: Source;
  /** Absolute: whatever folder the app goes to later. */
  readonly path: string;
  readonly parse: ((content: never, path: string) => unknown) | undefined;
  readonly schema: StandardSchemaV1<unknown, Value>;
  readonly debounceMs: number;
  readonly signal: NodeJS.Signals | false;
  readonly watch: 'auto' | 'poll';
  readonly pollMs: number;
  readonly maxBytes: number;
  readonly validateMs: number;
  readonly waitMs: number;
  readonly name: string;
  /** `undefined`: warnings of the process. */
  readonly logger: Logger | false | undefined;
  readonly register: MetricsRegistry | undefined;
  readonly onChange: ConfigEvents<Value>['change'] | undefined;
  readonly onRejected: ConfigEvents<Value>['rejected'] | undefined;
}

const keys = [
  'path',
  'directory',
  'parse',
  'schema',
  'debounceMs',
  'signal',
  'watch',
  'pollMs',
  'maxBytes',
  'validateMs',
  'waitMs',
  'name',
  'logger',
  'metrics',
  'onChange',
  'onRejected',
];

/**
 * Check the options and fill in what was left out.
 *
 * @throws {@link ConfigError} `ERR_CONFIG_OPTION`
 */
export function resolveWatch<Schema extends StandardSchemaV1>(
  options: WatchConfigOptions<Schema>,
): ResolvedWatch<StandardSchemaV1.InferOutput<Schema>> {
  expectObject('the options of watchConfig()', options);
  expectKnownKeys('the options of watchConfig()', options, keys);
  const { signal = 'SIGHUP', watch = 'auto', maxBytes = 1_048_576, waitMs, logger, metrics } = options;
  const { source, path } = place(options);
  for (const name of ['parse', 'onChange', 'onRejected'] as const) {
    if (options[name] !== undefined) expectFunction(`\`${name}\``, options[name]);
  }
  if (signal !== false) expectSignal('`signal`', signal);
  if (watch !== 'auto' && watch !== 'poll') throw wrong('`watch` to be "auto" or "poll"', watch);
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
    throw wrong('`maxBytes` to be a whole number of bytes above 0', maxBytes);
  }
  const pollMs = duration('pollMs', options.pollMs, 2_000);
  if (pollMs < 10) throw wrong('`pollMs` to be at least 10: each look asks the file system', pollMs);
  const { name = basename(path) } = options;
  if (typeof name !== 'string' || name === '') throw wrong('`name` to be a string that is not empty', name);
  return {
    source,
    path,
    parse: options.parse,
    schema: expectSchema(options.schema),
    debounceMs: duration('debounceMs', options.debounceMs, 200),
    signal,
    watch,
    pollMs,
    maxBytes,
    validateMs: duration('validateMs', options.validateMs, 10_000),
    waitMs: waitMs === Infinity ? Infinity : duration('waitMs', waitMs, 0),
    name,
    logger: expectLogger(logger),
    register: metrics ? expectRegister(metrics) : undefined,
    onChange: options.onChange,
    onRejected: options.onRejected,
  };
}

function place({ path, directory }: { path?: unknown; directory?: unknown }): {
  source: Source;
  path: string;
} {
  if ((path === undefined) === (directory === undefined)) {
    throw new ConfigError(
      'ERR_CONFIG_OPTION',
      `Expected either \`path\`, a file, or \`directory\`, one file for each key, got ${path === undefined ? 'neither' : 'both'}.`,
    );
  }
  const source = path === undefined ? 'directory' : 'file';
  const given = path ?? directory;
  const what = `\`${path === undefined ? 'directory' : 'path'}\` to be a path, or a file: URL`;
  if (given instanceof URL && given.protocol === 'file:') return { source, path: fileURLToPath(given) };
  if (typeof given !== 'string' || given === '' || given.includes('\0')) throw wrong(what, given);
  return { source, path: resolve(given) };
}

/** Schemas of arktype are functions. */
function expectSchema<Value>(schema: unknown): StandardSchemaV1<unknown, Value> {
  const standard =
    (typeof schema === 'object' || typeof schema === 'function') && schema !== null
      ? (schema as Partial<StandardSchemaV1>)['~standard']
      : undefined;
  if (standard?.version === 1 && typeof standard.validate === 'function') {
    return schema as StandardSchemaV1<unknown, Value>;
  }
  throw wrong(
    '`schema` to be a validator of Standard Schema version 1, such as one of zod 3.24, valibot 1 or arktype 2',
    schema,
  );
}

function expectLogger(logger: Logger | false | undefined): Logger | false | undefined {
  if (logger === undefined || logger === false) return logger;
  expectObject('`logger`, where it is not false,', logger);
  for (const method of ['info', 'warn', 'error'] as const)
    expectFunction(`\`logger.${method}\``, logger[method]);
  return logger;
}

function expectRegister(metrics: { readonly register: MetricsRegistry }): MetricsRegistry {
  expectObject('`metrics`, where it is not false,', metrics);
  expectObject('`metrics.register`', metrics.register);
  expectFunction(
    '`registerMetric` of `metrics.register`, a prom-client Registry,',
    metrics.register.registerMetric,
  );
  return metrics.register;
}
