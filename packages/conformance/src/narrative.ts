import { eventsOf, linesOf } from './client/story.js';
import type { Play } from './play.js';

/** How many lines are shown: of the begin, from before the signal, from after it, and of the end. */
const shown = { first: 10, before: 25, after: 60, last: 25 };

/** Everything that happened in a row, in the order of time: for whoever has to find out why. */
export function narrate({ service, clients, observers, leftAt }: Play): string {
  const events = [...eventsOf('client', clients), ...eventsOf('observer', observers)];
  if (leftAt !== undefined) events.push([leftAt, 'SIGTERM']);
  if (service.end) events.push([service.end.at, `exit ${service.end.code ?? service.end.signal}`]);
  const zero = leftAt ?? 0;
  const lines = linesOf(events, zero);
  const signalAt = events.filter(([at]) => at < zero).length;
  // The middle of a storm tells no more than its begin and its end.
  const keeps = (index: number): boolean =>
    index < shown.first ||
    (index >= signalAt - shown.before && index < signalAt + shown.after) ||
    index >= lines.length - shown.last;
  const story = lines.flatMap((line, index) => {
    if (keeps(index)) return [line];
    return keeps(index - 1) ? ['          …'] : [];
  });
  return [...story, ...(service.output === '' ? [] : ['the service wrote:', service.output])].join('\n');
}
