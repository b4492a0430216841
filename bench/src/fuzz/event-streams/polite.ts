import { setTimeout as pause } from 'node:timers/promises';
import { goOn } from '../http1/pace.js';
import type { Kind, Visit } from '../protocol.js';
import type { Connection } from '../suite.js';
import { isWholeStream } from './whole.js';

/** Listens until the stream ends; its last chunk is judged as that of any answer. */
async function listen({ trial }: Visit, connection: Connection): Promise<void> {
  const exchange = connection.send({ path: '/events' });
  if ((await exchange.settled()) !== 'answered') return;
  const { body = '' } = exchange.response ?? {};
  trial.check(isWholeStream(body), `LOST the end of an event stream: ${JSON.stringify(body.slice(-60))}`);
}

/** Clients of event streams to whom an end is owed, over HTTP/1.1. */
export const politeEvents: readonly Kind[] = [
  {
    name: 'events: listens',
    manners: 'good',
    visit: (visit) =>
      goOn(visit, { thinkMs: () => visit.random.between(0, 60) }, (connection) => listen(visit, connection)),
  },
  {
    name: 'events: asks before',
    manners: 'good',
    async visit(visit) {
      const { random } = visit;
      await goOn(visit, { thinkMs: () => random.between(0, 20) }, async (connection) => {
        if (connection.exchanges.length < 3) await connection.send({ path: '/' }).settled();
        else await listen(visit, connection);
      });
    },
  },
  {
    name: 'events: listens for a moment',
    manners: 'good',
    async visit(visit) {
      const { random } = visit;
      await goOn(visit, { thinkMs: () => 0, once: true }, async (connection) => {
        const exchange = connection.send({ path: '/events' });
        await Promise.race([pause(random.between(5, 100)), exchange.settled()]);
      });
    },
  },
];
