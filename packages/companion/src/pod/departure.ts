import type { SeenDeparture } from '../receipts/receipt.js';
import type { Ending, Instance } from './instance.js';
import type { Pod } from './pod.js';

/** Of which pod, and by whom it is told. */
export interface Witness {
  readonly pod: string;
  readonly podUid: string;
  readonly epoch: number;
  readonly graceMs: number;
}

const noSockets = { established: 0, listening: 0, busy: 0 };

/** What was seen of a departure that has just ended. */
export function departureOf(pod: Pod, instance: Instance, ending: Ending, witness: Witness): SeenDeparture {
  const begun = instance.departure ?? {
    startedAt: ending.at,
    startedAtWallMs: ending.atWallMs,
    reason: 'self',
    servedBefore: 0,
  };
  const since = (at: number | undefined) =>
    at === undefined ? 0 : Math.max(0, Math.round(at - begun.startedAt));
  const lastArrivalMs = since(instance.lastArrivalAt);
  const deadlineAt = pod.deadlineOf(instance) ?? begun.startedAt + witness.graceMs;
  return {
    pod: witness.pod,
    podUid: witness.podUid,
    container: instance.container,
    // One that never came has none that anybody knows.
    instance: ending.how === 'never-registered' ? '' : instance.id,
    name: instance.name,
    epoch: witness.epoch,
    reason: begun.reason,
    exit: { how: ending.how, afterMs: since(ending.at) },
    startedAt: new Date(begun.startedAtWallMs).toISOString(),
    endedAt: new Date(ending.atWallMs).toISOString(),
    lameDuckMs: since(instance.leftAt ?? ending.at),
    lastArrivalMs,
    lateArrivals: instance.lateArrivals,
    inFlightAtClose: instance.inFlightAtEnd,
    maxInFlight: Math.max(instance.maxInFlight, instance.inFlightAtEnd),
    served: Math.max(0, (instance.served ?? 0) - begun.servedBefore),
    sockets: instance.sockets ?? noSockets,
    deadlineSlackMs: Math.round(deadlineAt - ending.at),
    // Only what the platform ends is taken out of balancers: who came after that shows how long it took.
    ...(pod.ending && instance.showsConnections && { propagationMs: since(instance.lastConnectionAt) }),
    ...(ending.farewell && { farewell: ending.farewell }),
  };
}
