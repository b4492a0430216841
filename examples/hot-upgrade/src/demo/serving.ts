import type { Exchange, Ledger } from '@graceful/conformance/client';
import type { Happening } from './story.js';

/** One process of the service, and what it did. */
export interface Generation {
  readonly number: number;
  readonly pid: number;
  readonly readyAt: number;
  /** When it handed over; the last one never does. */
  readonly handedOverAt: number | undefined;
  readonly goneAt: number | undefined;
  /** When each request that it answered was answered. */
  readonly answers: readonly number[];
}

/** What happened, and what the clients saw of it. */
export interface Outcome {
  readonly happenings: readonly Happening[];
  readonly generations: readonly Generation[];
  readonly ledger: Ledger;
}

/** The generations that served, with the answers of each: it says its number in every one. */
export function serving(ledger: Ledger, happenings: readonly Happening[]): Generation[] {
  const answers = new Map<number, number[]>();
  for (const exchange of ledger.exchanges) {
    const number = generationOf(exchange);
    if (number === undefined || exchange.answeredAt === undefined) continue;
    const those = answers.get(number) ?? [];
    those.push(exchange.answeredAt);
    answers.set(number, those);
  }
  const ready = happenings.filter(({ what }) => what === 'ready');
  const numbers = [...answers.keys()].toSorted((one, other) => one - other);
  return numbers.map((number, index) => {
    const { pid = 0, at = 0 } = ready[index] ?? {};
    const of = (what: Happening['what']) =>
      happenings.find((one) => one.pid === pid && one.what === what)?.at;
    return {
      number,
      pid,
      readyAt: at,
      handedOverAt: of('handed over'),
      goneAt: of('gone'),
      answers: answers.get(number) ?? [],
    };
  });
}

function generationOf({ response }: Exchange): number | undefined {
  const said = response?.headers.get('generation');
  return said === undefined ? undefined : Number(said);
}
