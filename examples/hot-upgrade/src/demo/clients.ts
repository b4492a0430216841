import {
  type Address,
  askAndComeBack,
  askOnFreshConnections,
  Ledger,
  type Pace,
} from '@graceful/conformance/client';

const quick: Pace = {
  requests: [{ path: '/' }, { method: 'POST', path: '/', body: 'x'.repeat(16_384) }],
  thinkMs: 15,
};
const slow: Pace = { requests: [{ path: '/?ms=2000' }], thinkMs: 0 };

/** How many clients of each kind. */
export const crowd = { keptAlive: 8, fresh: 4, slow: 4 } as const;

/** Raw clients that never retry, until `enough`; resolves when the last answer has come. */
export async function sendRequests(address: Address, ledger: Ledger, enough: () => boolean): Promise<void> {
  const connect = () => ledger.connect(address);
  await Promise.all([
    ...times(crowd.keptAlive, () => askAndComeBack(connect, quick, enough)),
    ...times(crowd.fresh, () => askOnFreshConnections(connect, quick, enough)),
    ...times(crowd.slow, () => askAndComeBack(connect, slow, enough)),
  ]);
}

function times(count: number, client: () => Promise<void>): Promise<void>[] {
  return Array.from({ length: count }, client);
}
