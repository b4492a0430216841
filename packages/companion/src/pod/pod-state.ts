import type { InstanceState, PodState } from '../protocol/wire.js';
import { hasLeft, isOver } from './instance-state.js';

/** All of them, in the order of the way. */
export const podStates: readonly PodState[] = ['running', 'terminating', 'released', 'done'];

/**
 * Where a pod is: `running` until somebody says that it ends, `released` when
 * nobody takes new work any more, `done` when all work is. Those that never
 * came hold up nothing.
 */
export function podStateOf(isEnding: boolean, instances: readonly InstanceState[]): PodState {
  if (!isEnding) return 'running';
  const came = instances.filter((state) => state !== 'expected');
  if (came.every(isOver)) return 'done';
  return came.every(hasLeft) ? 'released' : 'terminating';
}
