import type { Trial } from './trial.js';

/**
 * What a report may say, by the books of the clients. They cannot know the
 * very instant at which the service changed its state: it lies between two
 * that they do know, so a figure has a least and a most. Where nothing
 * happened in between the two are the same.
 */
export type Bounds = readonly [least: number, most: number];

/** Connections that were told; those that only ask how the service is may be counted too. */
export function toldBounds({ clients, observers }: Trial): Bounds {
  const told = [...clients.connections, ...observers.connections].filter((connection) => connection.told);
  // Half sent, and answered all the same: that is an error, and the connection may count as cut.
  const surely = told.filter(({ exchanges }) => exchanges.every(({ writtenAt }) => writtenAt !== undefined));
  return [surely.filter((connection) => clients.connections.includes(connection)).length, told.length];
}

/** When the service told of a state, which is just after it began. */
function toldOf(trial: Trial, state: string): number {
  return (
    trial.service.notices.find((notice) => notice.type === 'state' && notice.state === state)?.at ?? Infinity
  );
}

/** What is looked at of a connection, or a session. */
interface Asked {
  readonly exchanges: readonly {
    readonly fate: string;
    readonly beganAt?: number | undefined;
    readonly answeredAt?: number | undefined;
  }[];
}

/**
 * How many answers a service that was asked to leave at `at` may have counted
 * since. Those that came before are among them, for it hears that an answer
 * has left only after its client has it; but not where it has answered what
 * was asked later on the same connection. Those may be, too, whose client went
 * away before it read what had been sent.
 */
export function mostServedSince(at: number, connections: readonly Asked[]): number {
  return connections.flatMap(({ exchanges }) => {
    const answered = exchanges.filter(({ fate }) => fate === 'answered');
    const heardOf = Math.max(
      ...answered.map(({ beganAt = 0, answeredAt = 0 }) => (answeredAt < at ? beganAt : -Infinity)),
    );
    const withdrawn = exchanges.filter(({ fate }) => fate === 'withdrawn');
    return [...answered.filter(({ answeredAt = 0 }) => answeredAt > heardOf), ...withdrawn];
  }).length;
}

/** Requests answered whole since the shutdown began. */
export function servedBounds(trial: Trial): Bounds {
  const answered = trial.clients.exchanges.filter(({ fate }) => fate === 'answered');
  const surely = answered.filter(({ writtenAt = Infinity, request }) => {
    // Half sent, and answered all the same: an error that is no service.
    return writtenAt > toldOf(trial, 'lame-duck') && writtenAt !== Infinity && !request.probe;
  });
  const connections = [...trial.clients.connections, ...trial.observers.connections];
  return [surely.length, mostServedSince(trial.leftAt ?? 0, connections)];
}

/** Requests that came in the lame-duck and were answered whole. */
export function servedInLameDuckBounds(trial: Trial): Bounds {
  const answered = trial.clients.exchanges.filter(({ fate }) => fate === 'answered');
  const end = trial.service.notices.find((notice) => notice.type === 'state' && notice.state === 'draining');
  const surely = answered.filter(({ writtenAt = Infinity, answeredAt = Infinity, request }) => {
    // The end of the lame-duck is heard of late too: whatever was answered well before it came within it.
    const marginMs = 50;
    const within = writtenAt > toldOf(trial, 'lame-duck') && answeredAt < (end?.at ?? 0) - marginMs;
    return within && !request.probe;
  });
  const possibly = [...answered, ...trial.observers.exchanges].filter(({ beganAt = 0, answeredAt = 0 }) => {
    return answeredAt >= (trial.leftAt ?? 0) && beganAt <= (end?.at ?? Infinity);
  });
  return [surely.length, possibly.length];
}

/** Connections that were open when the shutdown began, or came after. */
export function connectionBounds(trial: Trial): Bounds {
  const { connections } = trial.clients;
  const all = [...connections, ...trial.observers.connections];
  const surely = connections.filter(({ end, openedAt }) => {
    const open = (end?.at ?? Infinity) > toldOf(trial, 'lame-duck');
    return open && openedAt < toldOf(trial, 'draining');
  });
  const possibly = all.filter(({ end }) => {
    // The service hears of an end by its client a moment later.
    const heardOfMs = end?.how === 'client' ? 1_000 : 0;
    return (end?.at ?? Infinity) + heardOfMs >= (trial.leftAt ?? 0);
  });
  return [surely.length, possibly.length];
}
