import { createRequire } from 'node:module';
import type { MetricsRegistry } from '@graceful/core';
import { HandoverError } from '../handover-error.js';
import type { UpgradeNotice } from './upgrade.js';

type Prometheus = typeof import('prom-client');

const names = {
  stages: 'graceful_upgrade_stage_duration_seconds',
  upgrades: 'graceful_upgrades_total',
  generation: 'graceful_generation',
  stage: 'graceful_upgrade_stage',
} as const;

/** From a check that finds at once what is missing to a start that warms its caches, in seconds. */
const buckets = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Upgrades in a registry of prom-client. Every label takes its values from a fixed list. */
export interface UpgradeMetrics extends Disposable {
  /** Count what is told of an upgrade. */
  observe(notice: UpgradeNotice): void;
  /** This process took over: whoever began the upgrade is scraped no more. */
  tookOver(): void;
}

/**
 * @param generation - the number of what serves
 * @param stage - where the latest upgrade stands
 * @throws HandoverError `ERR_HANDOVER_OPTION` without prom-client, or where the registry has these metrics already
 */
export function registerUpgradeMetrics(
  registry: MetricsRegistry,
  generation: () => number,
  stage: () => string,
): UpgradeMetrics {
  const { Counter, Gauge, Histogram } = loadPrometheus();
  const taken = Object.values(names).find((name) => registry.getSingleMetric(name));
  if (taken !== undefined) {
    throw new HandoverError(
      'ERR_HANDOVER_OPTION',
      `Expected a \`metrics.register\` of its own for each hand-over, got one that has ${taken} already.`,
    );
  }
  const registers = [registry as unknown as InstanceType<Prometheus['Registry']>];
  const stages = new Histogram({
    name: names.stages,
    help: 'How long the stages of upgrades took.',
    registers,
    buckets,
    labelNames: ['stage', 'result'],
  });
  const upgrades = new Counter({
    name: names.upgrades,
    help: 'Upgrades by what became of them; `code` says why one failed.',
    registers,
    labelNames: ['result', 'code'],
  });
  const gauge = (configuration: ConstructorParameters<typeof Gauge>[0]) => new Gauge(configuration);
  gauge({
    name: names.generation,
    help: 'The number of the generation that serves.',
    registers,
    collect() {
      this.set(generation());
    },
  });
  gauge({
    name: names.stage,
    help: '1 for where the latest upgrade stands.',
    registers,
    labelNames: ['stage'],
    collect() {
      this.reset();
      this.set({ stage: stage() }, 1);
    },
  });
  const succeeded = () => upgrades.inc({ result: 'success', code: '' });
  return {
    observe({ over, failure, stage: now }) {
      if (over) stages.observe({ stage: over.stage, result: over.result }, over.durationMs / 1_000);
      if (failure) upgrades.inc({ result: 'failed', code: failure.code });
      if (now === 'success') succeeded();
    },
    tookOver: succeeded,
    [Symbol.dispose]() {
      for (const name of Object.values(names)) registry.removeSingleMetric(name);
    },
  };
}

/** prom-client, of the user's installation: a peer, and asked for only where metrics are wanted. */
function loadPrometheus(): Prometheus {
  try {
    return createRequire(import.meta.url)('prom-client') as Prometheus;
  } catch (cause) {
    throw new HandoverError(
      'ERR_HANDOVER_OPTION',
      'Expected the package prom-client beside `metrics.register`, got none that can be loaded. Add it to your dependencies, or leave `metrics` out.',
      { cause },
    );
  }
}
