import type { Connection } from '../client/connection.js';
import { askOnFreshConnections, askUntilTold } from '../client/load.js';
import { late, Relay } from '../client/relay.js';
import type { Play } from '../play.js';
import type { Scenario } from './scenario.js';

const farClients = 60;
const nearClients = 24;
const freshClients = 4;
const oneWayMs = 10;
/** A connection that was let in by the kernel in the instant in which the listener closed; to its client, refused. */
const atTheDoorMs = 50;

function range(count: number): number[] {
  return Array.from({ length: count }, (_none, index) => index);
}

/** Clients that ask again and again, each at its own pace, and the signal in the middle. */
async function goOn(
  play: Play,
  connections: readonly Connection[],
  thinkMs: (index: number) => number,
): Promise<void> {
  const requests = [play.need('quick')];
  const clients = connections.map((connection, index) =>
    askUntilTold(connection, { requests, thinkMs: thinkMs(index) }, play.enough),
  );
  await play.warm(4 * connections.length);
  play.signal();
  await Promise.all(clients);
}

export const keptAlive: readonly Scenario[] = [
  {
    id: 'far-clients',
    name: 'answers kept-alive clients that are 20 ms away and ask on',
    needs: [],
    async run(play) {
      // What is closed here is heard of there when the next request is on its way.
      using distance = await Relay.to(() => play.service.address, late(oneWayMs), late(oneWayMs));
      const connections = await Promise.all(
        range(farClients).map(() => play.clients.connect(distance.address)),
      );
      await goOn(play, connections, (index) => 20 + ((index * 7) % 41));
      for (const connection of connections) connection.close();
    },
  },
  {
    id: 'told',
    name: 'tells kept-alive clients (Connection: close), and cuts none',
    needs: [],
    async run(play) {
      const connections = await Promise.all(range(nearClients).map(() => play.connect()));
      await goOn(play, connections, (index) => 3 + index * 12);
      play.measures['clients'] = nearClients;
      const untold = connections.filter(({ told }) => !told);
      const cut = untold.filter(({ end }) => end !== undefined).length;
      play.measures['cut'] = cut;
      play.check(cut === 0, `${cut} of ${nearClients} clients were cut without a word`);
      const on = untold.length - cut;
      play.measures['neverTold'] = on;
      play.check(on === 0, `${on} of ${nearClients} clients asked on and were never told`);
    },
  },
  {
    id: 'new-connections',
    name: 'answers whoever it lets in while it leaves, and refuses the others',
    needs: [],
    async run(play) {
      const { slow, quick } = play.settings.requests;
      // Something to leave for: a service with nothing to do is gone before anybody knocks.
      if (slow) (await play.connect()).send(slow.request);
      const callers = range(freshClients).map((index) =>
        askOnFreshConnections(() => play.connect(), { requests: [quick], thinkMs: 3 + index }, play.enough),
      );
      await play.warm(10 * freshClients);
      play.signal();
      await Promise.all(callers);
      await Promise.all(play.clients.exchanges.map((exchange) => exchange.settled()));
      const closedAt = Math.min(...play.clients.refusals.map(({ at }) => at));
      for (const connection of play.clients.connections.filter(({ end }) => end?.how === 'reset')) {
        const unanswered = connection.exchanges.every(({ response }) => response === undefined);
        if (unanswered && connection.openedAt > closedAt - atTheDoorMs) play.clients.refused(connection);
      }
    },
  },
  {
    id: 'lame-duck',
    name: 'goes on accepting connections for as long as it promised',
    needs: ['promises.lameDuckMs'],
    async run(play) {
      const { lameDuckMs } = play.settings.promises;
      const requests = [play.need('quick')];
      const over = (): boolean => play.leftAt !== undefined && performance.now() > play.leftAt + lameDuckMs;
      const callers = range(freshClients).map((index) =>
        askOnFreshConnections(() => play.connect(), { requests, thinkMs: 3 + index }, over),
      );
      await play.warm(2 * freshClients);
      play.signal();
      await Promise.all(callers);
      // What was known before the promise had run out was refused before: a client that is late proves nothing.
      const promisedUntil = (play.leftAt ?? 0) + lameDuckMs;
      const refusal = play.clients.refusals.find(({ knownAt }) => knownAt < promisedUntil);
      if (!refusal) return;
      const afterMs = Math.round(refusal.knownAt - (play.leftAt ?? 0));
      play.measures['refusedAfterMs'] = afterMs;
      play.check(false, `refused a connection ${afterMs} ms after the signal, and promised ${lameDuckMs}`);
    },
  },
];
