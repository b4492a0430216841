import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from '../client/connection.js';
import type { Exchange } from '../client/exchange.js';
import { late, Relay } from '../client/relay.js';
import type { Play } from '../play.js';
import type { Scenario } from './scenario.js';

const silentClients = 20;
const oneWayMs = 10;
/** What is left of a head that is half sent: part of its last header, and the empty line. */
const unsentBytes = 10;

/** A request of which the end of the head is still missing. */
function half(play: Play, connection: Connection): Exchange {
  // The very request that was rehearsed, so that its answer can be compared.
  const exchange = connection.draft(play.need('quick'));
  play.begun.add(exchange);
  return exchange.send(exchange.wire.headBytes - unsentBytes);
}

export const quiet: readonly Scenario[] = [
  {
    id: 'half-head',
    name: 'answers a request that was half received at the signal and is completed later',
    needs: [],
    async run(play) {
      // On connections without a past, and on some that were used before.
      const [soon, later] = [await play.connectSome(2), await play.connectSome(2)];
      const [soonHalves, laterHalves] = [soon, later].map((connections) =>
        connections.map((connection) => half(play, connection)),
      );
      await play.noticed();
      play.signal();
      await play.after(100);
      for (const exchange of soonHalves ?? []) await exchange.send().settled();
      await play.after(play.settings.promises.lameDuckMs + 300);
      for (const exchange of laterHalves ?? []) await exchange.send().settled();
    },
  },
  {
    id: 'silent',
    name: 'answers a request on a connection that was silent at the signal, from a client 20 ms away',
    needs: [],
    async run(play) {
      using distance = await Relay.to(() => play.service.address, late(oneWayMs), late(oneWayMs));
      const connections = await Promise.all(
        Array.from({ length: silentClients }, () => play.clients.connect(distance.address)),
      );
      const used = connections.filter((_connection, index) => index % 2 === 1);
      await Promise.all(used.map((connection) => connection.send(play.need('quick')).settled()));
      // Behind the relay nobody knows yet whether the service has accepted the others.
      await play.noticed();
      play.signal();
      await Promise.all(
        connections.map(async (connection, index) => {
          // Spread over the time in which what either side does is not known to the other.
          await pause(index * 3);
          if (connection.usable) await connection.send(play.need('quick')).settled();
        }),
      );
      for (const connection of connections) connection.close();
    },
  },
];
