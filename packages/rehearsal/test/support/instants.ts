import type { PodEvent } from '../../src/kubelet/timeline.js';

type Kind = PodEvent['type'];

/** Events of these kinds since the first `terminating`, as `second container: what`, such as `3.9 app: signal 7`. */
export function instants(events: readonly PodEvent[], ...kinds: readonly Kind[]): string[] {
  const zero = events.find(({ type }) => type === 'terminating')?.atMs ?? 0;
  return events.flatMap((event) => {
    if (!kinds.includes(event.type) || event.atMs < zero) return [];
    const who = 'container' in event ? event.container : event.pod;
    const grace = 'graceSeconds' in event ? ` ${event.graceSeconds}` : '';
    return [`${Number(((event.atMs - zero) / 1_000).toFixed(1))} ${who}: ${event.type}${grace}`];
  });
}
