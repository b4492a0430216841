import type { Ledger } from './ledger.js';

/** When something happened, by `performance.now()`, and what. */
export type BookEntry = readonly [at: number, what: string];

/** Everything that is in the books of the clients, who are called `who`; in no order. */
export function eventsOf(who: string, ledger: Ledger): BookEntry[] {
  const events: BookEntry[] = ledger.refusals.map(({ at, code }) => [at, `${who} refused: ${code}`]);
  ledger.connections.forEach((connection, index) => {
    const name = `${who} ${index + 1}`;
    events.push([connection.openedAt, `${name} connected`]);
    if (connection.end) events.push([connection.end.at, `${name} ended: ${connection.end.detail}`]);
    for (const exchange of connection.exchanges) {
      const { response, answeredAt, beganAt = 0 } = exchange;
      events.push([beganAt, `${name} asks ${exchange.describe()}`]);
      const close = response?.saysClose ? ', Connection: close' : '';
      if (answeredAt !== undefined) events.push([answeredAt, `${name} got ${response?.status}${close}`]);
    }
  });
  return events;
}

/** A line for each event, in the order of time, with the milliseconds since `zero`. */
export function linesOf(events: readonly BookEntry[], zero: number): string[] {
  return events
    .toSorted(([one], [other]) => one - other)
    .map(([at, what]) => `${(at - zero).toFixed(1).padStart(9)} ms  ${what}`);
}
