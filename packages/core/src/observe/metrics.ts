import { createRequire } from 'node:module';
import type { ConnectionCounts } from '../drain/connection.js';
import type { Evidence } from '../drain/drainable.js';
import { GracefulError } from '../errors.js';
import type { Events } from '../events.js';
import type { StateName } from '../lifecycle/state.js';

/** What is asked of a registry: prom-client's `Registry` is of this shape. */
export interface MetricsRegistry {
  /** Add a metric of prom-client. */
  registerMetric(metric: never): void;
  /** The metric of this name, or `undefined`. */
  getSingleMetric(name: string): unknown;
  /** Take a metric out again. */
  removeSingleMetric(name: string): void;
}

/** The figures that metrics show, read when somebody scrapes. */
export interface Figures {
  /** Where the service stands. */
  readonly state: () => StateName;
  /** Whether `/readyz` says 200. */
  readonly ready: () => boolean;
  /** Pieces of work begun and not done. */
  readonly inFlight: () => number;
  /** Open connections, by their states. */
  readonly connections: () => ConnectionCounts;
  /** What was seen since the shutdown began. */
  readonly evidence: () => Evidence;
}

/** Every metric, by its name. */
const names = [
  'graceful_requests_in_flight',
  'graceful_connections',
  'graceful_state',
  'graceful_ready',
  'graceful_lame_duck_requests_total',
  'graceful_dropped_requests_total',
  'graceful_drained_connections_total',
  'graceful_hook_duration_seconds',
  'graceful_shutdown_duration_seconds',
] as const;

type MetricName = (typeof names)[number];

const states: readonly StateName[] = ['starting', 'ready', 'lame-duck', 'draining', 'closing', 'stopped'];
const openStates = ['new', 'active', 'idle', 'hijacked'] as const;
const ends = ['told', 'idle', 'client', 'forced'] as const;

type Prometheus = typeof import('prom-client');

/** prom-client, of the user's installation: a peer, and asked for only where metrics are wanted. */
function loadPrometheus(): Prometheus {
  try {
    return createRequire(import.meta.url)('prom-client') as Prometheus;
  } catch (cause) {
    throw new GracefulError(
      'ERR_GRACEFUL_OPTION',
      'Expected the package prom-client beside `metrics.register`, got none that can be loaded. Add it to your dependencies, or leave `metrics` out.',
      { cause },
    );
  }
}

/**
 * Register the metrics of one service in the user's registry. Names and units
 * as Prometheus advises; every label takes its values from a fixed list, or
 * from the names of hooks.
 *
 * @returns a handle that takes them out again
 */
export function registerMetrics(registry: MetricsRegistry, figures: Figures, events: Events): Disposable {
  const { Counter, Gauge } = loadPrometheus();
  const registers = [registry as unknown as InstanceType<Prometheus['Registry']>];
  for (const name of names) {
    if (!registry.getSingleMetric(name)) continue;
    throw new GracefulError(
      'ERR_GRACEFUL_OPTION',
      `Expected a \`metrics.register\` for each graceful of its own, got one that has ${name} already. Call uninstall() on the other, or give this one another registry.`,
    );
  }
  /** A gauge that is read when somebody scrapes. */
  const gauge = (name: MetricName, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  /** A gauge with one label, read in the same way. */
  const gauges = <Value extends string>(
    name: MetricName,
    help: string,
    label: string,
    values: readonly Value[],
    read: (value: Value) => number,
  ) =>
    new Gauge({
      name,
      help,
      registers,
      labelNames: [label],
      collect() {
        for (const value of values) this.set({ [label]: value }, read(value));
      },
    });
  const counter = (name: MetricName, help: string, read: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });

  gauge('graceful_requests_in_flight', 'Requests and tracked work begun and not yet done.', figures.inFlight);
  gauges(
    'graceful_connections',
    'Open connections by state.',
    'state',
    openStates,
    (state) => figures.connections()[state],
  );
  gauges(
    'graceful_state',
    '1 for the state that the lifecycle is in, 0 for the others.',
    'state',
    states,
    (state) => Number(figures.state() === state),
  );
  gauge('graceful_ready', '1 while the readiness probe is answered with 200.', () => Number(figures.ready()));
  counter(
    'graceful_lame_duck_requests_total',
    'Requests that came in the lame-duck and were answered whole.',
    () => figures.evidence().requests.servedInLameDuck,
  );
  counter(
    'graceful_dropped_requests_total',
    'Requests cut at the end of the budget.',
    () => figures.evidence().requests.dropped,
  );
  const drainedConnections = new Counter({
    name: 'graceful_drained_connections_total',
    help: 'Connections that ended since the shutdown began, by how they ended.',
    registers,
    labelNames: ['end'],
    collect() {
      this.reset();
      for (const end of ends) this.inc({ end }, figures.evidence().connections[end]);
    },
  });
  const hookDurations = new Gauge({
    name: 'graceful_hook_duration_seconds',
    help: 'How long each shutdown hook took, and how it ended.',
    registers,
    labelNames: ['hook', 'phase', 'result'],
  });
  const shutdownDuration = new Gauge({
    name: 'graceful_shutdown_duration_seconds',
    help: 'How long the shutdown took, from its begin to the report.',
    registers,
    labelNames: ['verdict'],
  });
  // Known from the first scrape on: a counter that appears with its first value has no increase.
  for (const end of ends) drainedConnections.inc({ end }, 0);
  const watches = [
    events.on('hook', ({ name, phase, result, durationMs }) => {
      hookDurations.set({ hook: name, phase, result }, durationMs / 1_000);
    }),
    events.on('report', ({ verdict, durationMs }) => shutdownDuration.set({ verdict }, durationMs / 1_000)),
  ];
  return {
    [Symbol.dispose]: () => {
      for (const watch of watches) watch[Symbol.dispose]();
      for (const name of names) registry.removeSingleMetric(name);
    },
  };
}
