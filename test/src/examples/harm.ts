import type { Ledger } from '@graceful/conformance/client';

/** What clients would complain about, in sentences. They have stopped before the listener closed, so nobody may be refused either. */
export function harm({ lost, broken, refusals, exchanges }: Ledger): string[] {
  const refused = exchanges.filter(({ response }) => (response?.status ?? 200) >= 400);
  return [
    ...lost.map((exchange) => exchange.describe()),
    ...broken.map(({ end }) => `a connection ended with ${end?.how}: ${end?.detail}`),
    ...refusals.map(({ code }) => `no connection: ${code}`),
    ...refused.map((exchange) => `${exchange.describe()} with ${exchange.response?.status}`),
  ];
}
