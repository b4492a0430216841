import { createRequire } from 'node:module';
import type { MetricsRegistry } from '@graceful/core';
import { ConfigError, configErrorCodes } from './config-error.js';
import type { LookOutcome } from './watched-config.js';

type Prometheus = typeof import('prom-client');

const names = {
  revision: 'graceful_config_revision',
  since: 'graceful_config_last_success_timestamp_seconds',
  rejected: 'graceful_config_rejected',
  hash: 'graceful_config_hash',
  reloads: 'graceful_config_reloads_total',
} as const;

/** What a configuration shows, read when somebody scrapes. */
export interface ConfigFigures {
  readonly revision: () => number;
  /** When its file was last found to be good, in seconds since 1970; 0: never. */
  readonly lastSuccess: () => number;
  readonly rejected: () => boolean;
  /** In hex; empty: none. */
  readonly hash: () => string;
}

/** One configuration in a registry; disposing it takes it out. */
export interface ConfigMetrics extends Disposable {
  /** Count what a look came to. */
  count(outcome: LookOutcome): void;
}

/** The metrics of all configurations that share a registry. */
interface Shared {
  readonly members: Map<string, ConfigFigures>;
  readonly reloads: InstanceType<Prometheus['Counter']>;
}

const sharedBy = new WeakMap<MetricsRegistry, Shared>();

/** Codes that a look can end with: from a fixed list, as all values of labels are. */
const lookCodes = Object.keys(configErrorCodes).filter(
  (code) => code !== 'ERR_CONFIG_OPTION' && code !== 'ERR_CONFIG_CLOSED',
);

/**
 * @throws ConfigError `ERR_CONFIG_OPTION` without prom-client, or where the registry has a configuration of that name
 */
export function registerConfigMetrics(
  registry: MetricsRegistry,
  name: string,
  figures: ConfigFigures,
): ConfigMetrics {
  const shared = sharedOf(registry);
  if (shared.members.has(name)) {
    throw new ConfigError(
      'ERR_CONFIG_OPTION',
      `Expected a name of its own for each configuration in one \`metrics.register\`, got ${JSON.stringify(name)} twice. Give the second another \`name\`, or close the first.`,
    );
  }
  shared.members.set(name, figures);
  const labels = labelsOf(name);
  // Known from the first scrape on: a counter that appears with its first value has no increase.
  for (const one of labels) shared.reloads.inc(one, 0);
  return {
    count: (outcome) => {
      const code = outcome.result === 'rejected' ? outcome.error.code : '';
      shared.reloads.inc({ config: name, result: outcome.result, code });
    },
    [Symbol.dispose]: () => {
      shared.members.delete(name);
      for (const one of labels) shared.reloads.remove(one);
      if (shared.members.size > 0) return;
      sharedBy.delete(registry);
      for (const metric of Object.values(names)) registry.removeSingleMetric(metric);
    },
  };
}

function labelsOf(config: string): readonly { config: string; result: string; code: string }[] {
  return [
    { config, result: 'applied', code: '' },
    { config, result: 'unchanged', code: '' },
    ...lookCodes.map((code) => ({ config, result: 'rejected', code })),
  ];
}

function sharedOf(registry: MetricsRegistry): Shared {
  const known = sharedBy.get(registry);
  // The registry may have been cleared meanwhile.
  if (known && registry.getSingleMetric(names.reloads) === known.reloads) return known;
  const shared = makeShared(registry);
  sharedBy.set(registry, shared);
  return shared;
}

function makeShared(registry: MetricsRegistry): Shared {
  const { Counter, Gauge } = loadPrometheus();
  const taken = Object.values(names).find((metric) => registry.getSingleMetric(metric));
  if (taken !== undefined) {
    throw new ConfigError(
      'ERR_CONFIG_OPTION',
      `Expected a \`metrics.register\` without ${taken}, got one that has it from somewhere else. Install one copy of @graceful/config, or give it another registry.`,
    );
  }
  const registers = [registry as unknown as InstanceType<Prometheus['Registry']>];
  const members = new Map<string, ConfigFigures>();
  const gauge = (metric: string, help: string, read: (figures: ConfigFigures) => number) =>
    new Gauge({
      name: metric,
      help,
      registers,
      labelNames: ['config'],
      collect() {
        this.reset();
        for (const [config, figures] of members) this.set({ config }, read(figures));
      },
    });
  gauge(names.revision, 'Counts the values that were in force since the start.', ({ revision }) =>
    revision(),
  );
  gauge(names.since, 'When the file was last found to be good.', ({ lastSuccess }) => lastSuccess());
  gauge(names.rejected, '1 while what is in the file is not in force, as it is bad.', ({ rejected }) =>
    Number(rejected()),
  );
  gauge(
    names.hash,
    'The first 48 bits of the hash of what is in force: the same in instances that have the same.',
    ({ hash }) => Number.parseInt(hash().slice(0, 12), 16) || 0,
  );
  const reloads = new Counter({
    name: names.reloads,
    help: 'Looks at the file by what they came to; `code` says why one was rejected.',
    registers,
    labelNames: ['config', 'result', 'code'],
  });
  return { members, reloads };
}

/** prom-client, of the user's installation: a peer, and asked for only where metrics are wanted. */
function loadPrometheus(): Prometheus {
  try {
    return createRequire(import.meta.url)('prom-client') as Prometheus;
  } catch (cause) {
    throw new ConfigError(
      'ERR_CONFIG_OPTION',
      'Expected the package prom-client beside `metrics.register`, got none that can be loaded. Add it to your dependencies, or leave `metrics` out.',
      { cause },
    );
  }
}
