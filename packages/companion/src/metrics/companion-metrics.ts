import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { HoldVerdict } from '../kubelet/holds.js';
import { instanceStates } from '../pod/instance-state.js';
import type { Pod } from '../pod/pod.js';
import { podStates } from '../pod/pod-state.js';
import type { Refused } from '../protocol/refused.js';
import { type DrainReceipt, receiptVerdicts } from '../receipts/receipt.js';

/** Of the event loop's lag. Its default of 10 ms wakes the process a hundred times a second, and is most of what it costs at rest. */
const lagPrecisionMs = 1_000;

/** Which of the two sockets refused. */
export type Door = 'control' | 'kubelet';

const doors: readonly Door[] = ['control', 'kubelet'];

/** From what a hold is at least to what pods are given at most, in seconds. */
const holdBuckets = [0.1, 1, 2, 5, 7.5, 10, 15, 20, 30, 60, 120];

/**
 * What the companion counts. Read when somebody scrapes, but for what only
 * happens: an instance that has gone stays, with nothing in flight, so that a
 * later scrape shows that it had come to an end, and which.
 */
export class CompanionMetrics {
  readonly registry: Registry = new Registry();
  readonly #receipts: Counter<'name' | 'verdict'>;
  readonly #holds: Histogram<'released'>;
  readonly #refused: Counter<'socket' | 'code'>;
  readonly #propagation: Gauge<'name'>;

  constructor(pod: Pod, epoch: number) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: lagPrecisionMs });
    gauge(registers, 'graceful_companion_instances', 'Instances by state.', ['state'], (one) => {
      const counts = new Map<string, number>();
      for (const { state } of pod.instances) counts.set(state, (counts.get(state) ?? 0) + 1);
      for (const state of instanceStates) one.set({ state }, counts.get(state) ?? 0);
    });
    gauge(
      registers,
      'graceful_companion_pod_state',
      '1 for the state of the pod, 0 for the others.',
      ['state'],
      (one) => {
        for (const state of podStates) one.set({ state }, Number(pod.state === state));
      },
    );
    gauge(
      registers,
      'graceful_companion_in_flight',
      'Requests in flight by the word of the instance; 0 when it has gone.',
      ['name', 'id'],
      (one) => {
        one.reset();
        for (const { name, id, state, inFlight } of pod.instances) {
          if (state !== 'expected') one.set({ name, id }, inFlight ?? 0);
        }
      },
    );
    gauge(
      registers,
      'graceful_companion_late_arrivals',
      'Resets sent since the ports of an instance were closed: connections that came too late.',
      ['name', 'id'],
      (one) => {
        one.reset();
        for (const { name, id, ports, departure, lateArrivals } of pod.instances) {
          if (departure && ports.length > 0) one.set({ name, id }, lateArrivals);
        }
      },
    );
    gauge(
      registers,
      'graceful_companion_epoch',
      'How often a companion was started in this pod.',
      [],
      (one) => one.set(epoch),
    );
    this.#propagation = new Gauge({
      name: 'graceful_companion_propagation_seconds',
      help: 'How long requests went on coming after the pod began to end, at its last departure.',
      labelNames: ['name'],
      registers,
    });
    this.#receipts = new Counter({
      name: 'graceful_companion_receipts_total',
      help: 'Departures by what they came to.',
      labelNames: ['name', 'verdict'],
      registers,
    });
    this.#holds = new Histogram({
      name: 'graceful_companion_hold_seconds',
      help: 'How long preStop hooks were held, by why they were let go.',
      labelNames: ['released'],
      buckets: holdBuckets,
      registers,
    });
    this.#refused = new Counter({
      name: 'graceful_companion_refused_requests_total',
      help: 'Requests refused, by socket and why.',
      labelNames: ['socket', 'code'],
      registers,
    });
    for (const socket of doors) this.#refused.inc({ socket, code: 'malformed' }, 0);
  }

  /** An instance of this name is known: its counters are there from the first scrape on. */
  knows(name: string): void {
    for (const verdict of receiptVerdicts) this.#receipts.inc({ name, verdict }, 0);
  }

  ended({ name, verdict, propagationMs }: DrainReceipt): void {
    this.#receipts.inc({ name, verdict });
    if (propagationMs !== undefined) this.#propagation.set({ name }, propagationMs / 1_000);
  }

  released({ released, heldMs }: HoldVerdict): void {
    this.#holds.observe({ released }, heldMs / 1_000);
  }

  refused(socket: Door, { code }: Refused): void {
    this.#refused.inc({ socket, code });
  }
}

/** A gauge that is read when somebody scrapes. */
function gauge<Label extends string>(
  registers: Registry[],
  name: string,
  help: string,
  labelNames: readonly Label[],
  read: (gauge: Gauge<Label>) => void,
): Gauge<Label> {
  return new Gauge<Label>({
    name,
    help,
    labelNames: [...labelNames],
    registers,
    collect() {
      read(this);
    },
  });
}
