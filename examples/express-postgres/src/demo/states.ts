import type { Outcome } from './outcome.js';

/** A state of the service and when it began, on the clock of `performance.now()`. */
export interface StateSpan {
  readonly state: string;
  readonly at: number;
}

/** The states that the service went through, by its own report; the first one from the begin of the load. */
export function statesOf({ loadAt, signalAt, exit }: Outcome): StateSpan[] {
  const since = exit.report?.states ?? [];
  const spans = since.map(({ state, afterMs }) => ({ state, at: signalAt + afterMs }));
  return [{ state: 'ready', at: loadAt }, ...spans.filter(({ state }) => state !== 'stopped')];
}
