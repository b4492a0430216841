import type { Drain, Pod } from '../pod/pod.js';
import type { Instance } from '../pod/instance.js';

/** An instance, as others see it. */
export function shownInstance(pod: Pod, instance: Instance): object {
  const { id, name, container, state, pid, ports, after, reason, isConnected } = instance;
  const remainingMs = instance.isLive ? pod.remainingMs(instance) : undefined;
  return {
    id,
    name,
    container,
    state,
    isConnected,
    ...(pid !== undefined && { pid }),
    ...(ports.length > 0 && { ports }),
    ...(after.length > 0 && { after }),
    ...(instance.budgets && { budgets: instance.budgets }),
    ...(reason !== undefined && { reason }),
    ...(instance.inFlight !== undefined && { inFlight: instance.inFlight }),
    ...(instance.served !== undefined && { served: instance.served }),
    ...(instance.sockets && { sockets: instance.sockets }),
    ...(remainingMs !== undefined && { remainingMs }),
  };
}

export function shownDrain({ id, reason, scope, deadlineAt }: Drain, now: number): object {
  return {
    id,
    reason,
    ...(scope !== undefined && { scope }),
    remainingMs: Math.max(0, Math.round(deadlineAt - now)),
  };
}
