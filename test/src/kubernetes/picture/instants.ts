import type { DrainReceipt } from '@graceful/companion/receipts';
import type { PodEvent } from '@graceful/rehearsal/kubelet';
import type { RolledUnderLoad } from '../rehearsed/roll.js';

/** One pod takes another's place: when what happened, in seconds since the new one was created. */
export interface Instants {
  /** Its companion is started. */
  readonly companion: number;
  /** Its service is started. */
  readonly service: number;
  readonly ready: number;
  /** Every proxy knows it. */
  readonly known: number;
  /** It counts as available; the old pod is deleted. */
  readonly available: number;
  /** No proxy sends to the old one any more. */
  readonly forgotten: number;
  /** The hold is over, and SIGTERM is sent. */
  readonly signalled: number;
  /** The listener is closed. */
  readonly closed: number;
  /** The last request is answered. */
  readonly drained: number;
  /** The service has exited. */
  readonly exited: number;
  /** And the companion. */
  readonly gone: number;
}

/** What was measured, for the picture: one step of one rolling update. */
export interface Measured {
  readonly instants: Instants;
  readonly requests: number;
  readonly lost: number;
}

/** The first step of a rolling update of overlays/companion. */
export function measuredIn({ clients, rolled, receipts, events, lagMs }: RolledUnderLoad): Measured {
  const old = rolled.replaced[0]?.pod.name ?? '';
  const deleted = eventOf(events, old, 'terminating');
  const created = events.findLast(({ type, atMs }) => type === 'created' && atMs < deleted.atMs) ?? deleted;
  const fresh = created.pod;
  const since = (atMs: number) => Math.round((atMs - created.atMs) / 10) / 100;
  const after = (pod: string, type: PodEvent['type'], container?: string) =>
    since(eventOf(events, pod, type, container).atMs);
  const ready = after(fresh, 'ready');
  const signalledMs = eventOf(events, old, 'signal', 'orders').atMs;
  const receipt = receipts?.receipts.find(({ pod }) => pod === old);
  return {
    instants: {
      companion: after(fresh, 'started', 'companion'),
      service: after(fresh, 'started', 'orders'),
      ready,
      known: since(eventOf(events, fresh, 'ready').atMs + lagMs),
      available: since(deleted.atMs),
      forgotten: since(deleted.atMs + lagMs),
      signalled: since(signalledMs),
      closed: since(signalledMs + stateOf(receipt, 'draining')),
      drained: since(signalledMs + stateOf(receipt, 'closing')),
      exited: after(old, 'exited', 'orders'),
      gone: after(old, 'ended'),
    },
    requests: clients.exchanges.length,
    lost: clients.lost.length,
  };
}

function eventOf(
  events: readonly PodEvent[],
  pod: string,
  type: PodEvent['type'],
  container?: string,
): PodEvent {
  const found = events.find(
    (event) =>
      event.pod === pod &&
      event.type === type &&
      (container === undefined || ('container' in event && event.container === container)),
  );
  if (found === undefined)
    throw new Error(`Expected ${type} of ${container ?? pod}, got nothing of the kind.`);
  return found;
}

/** Milliseconds from the signal until the service was in this state, as its report has it. */
function stateOf(receipt: DrainReceipt | undefined, state: string): number {
  const { states = [] } = (receipt?.report ?? {}) as { states?: { state: string; afterMs: number }[] };
  const found = states.find((instant) => instant.state === state);
  if (found === undefined) throw new Error(`Expected a receipt whose report has the state ${state}.`);
  return found.afterMs;
}
