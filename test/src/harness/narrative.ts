import { type BookEntry, eventsOf, linesOf } from '@graceful/conformance/client';
import type { Exit, ServiceProcess } from './service-process.js';
import type { Trial } from './trial.js';

/** Everything that happened in a trial, in the order of time: for whoever has to find out why. */
export function describe(trial: Trial, exit: Exit | undefined): string {
  const { clients, observers } = trial;
  return narrate(trial, exit, [...eventsOf('client', clients), ...eventsOf('observer', observers)]);
}

/** The same, for clients who keep books of another kind: `seen` is what stands in them. */
export function narrate(
  { service, leftAt }: { readonly service: ServiceProcess; readonly leftAt: number | undefined },
  exit: Exit | undefined,
  seen: readonly BookEntry[],
): string {
  const events: BookEntry[] = leftAt === undefined ? [] : [[leftAt, 'asked to leave']];
  for (const { notice, at } of service.notices.all) events.push([at, `service: ${JSON.stringify(notice)}`]);
  events.push(...seen);
  if (exit) events.push([exit.at, `exit ${exit.code ?? exit.signal}`]);
  const lines = linesOf(events, leftAt ?? 0);
  // The middle of a storm tells no more than its begin and its end.
  const shown = lines.length > 120 ? [...lines.slice(0, 60), '          …', ...lines.slice(-60)] : lines;
  return [...shown, 'stdout:', service.stdout.trim(), 'stderr:', service.stderr.trim()].join('\n');
}
