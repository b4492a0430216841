import type { Tally } from '../protocol.js';
import { stateAt } from '../states.js';
import type { Connection, Trial } from '../suite.js';

/** What the clients of `trial` that speak HTTP/1.1 came to. */
export function tallyHttp1(trial: Trial): Tally {
  const { clients } = trial;
  forgiveRefusals(trial);
  const fates = clients.exchanges.map(({ fate }) => fate);
  const undecided = clients.exchanges.filter(({ fate }) => fate === 'waiting' || fate === 'sending');
  return {
    connections: clients.connections.length,
    answered: fates.filter((fate) => fate === 'answered').length,
    // A connection that is refused is none.
    refused: 0,
    messages: 0,
    withdrawn: fates.filter((fate) => fate === 'withdrawn').length,
    lost: clients.lost.map((exchange) => exchange.describe()),
    violations: [
      ...clients.broken.map(({ end }) => `a connection ended out of order: ${end?.how}, ${end?.detail}`),
      ...undecided.map((exchange) => `nobody decided ${exchange.describe()}`),
      ...clients.connections.flatMap((connection) => untold(trial, connection)),
    ],
  };
}

/** The kernel lets clients in while the listener closes, and resets them: to them that is a refusal. */
function forgiveRefusals(trial: Trial): void {
  const { clients } = trial;
  const drainingAt = stateAt(trial, 'draining');
  const refused = clients.connections.filter(({ end, openedAt, exchanges }) => {
    const unanswered = exchanges.every(({ response }) => response === undefined);
    return end?.how === 'reset' && openedAt > drainingAt && unanswered;
  });
  for (const connection of refused) clients.refused(connection);
}

/** From the lame-duck on, the last answer of a connection says `Connection: close`. */
function untold(trial: Trial, { exchanges }: Connection): string[] {
  const lameDuckAt = stateAt(trial, 'lame-duck');
  return exchanges.flatMap((exchange, index) => {
    const { fate, writtenAt = -Infinity, answeredAt = Infinity, response } = exchange;
    const { beganAt: nextAt = Infinity } = exchanges[index + 1] ?? {};
    const owed = fate === 'answered' && writtenAt > lameDuckAt && nextAt > answeredAt;
    return owed && !response?.saysClose ? `not told to leave: ${exchange.describe()}` : [];
  });
}
