import type { Trial } from './suite.js';

/** When the service came into a state, by `performance.now()`; `Infinity` if it did not. */
export function stateAt({ service }: Trial, state: string): number {
  return service.notices.find((notice) => notice.type === 'state' && notice.state === state)?.at ?? Infinity;
}
