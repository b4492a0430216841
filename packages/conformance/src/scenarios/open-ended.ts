import { WebSocketClient } from '../client/web-socket.js';
import type { Play } from '../play.js';
import type { Scenario } from './scenario.js';

const streams = 2;
/** Beyond every budget that a service is likely to have for them. */
const patienceMs = 15_000;

/** When whatever goes on for ever must have ended, in milliseconds after the signal. */
function boundMs({ settings: { promises } }: Play): number {
  return promises.deadlineMs ?? promises.lameDuckMs + patienceMs;
}

export const openEnded: readonly Scenario[] = [
  {
    id: 'events',
    name: 'ends event streams whole, with their terminating chunk',
    needs: ['requests.events'],
    async run(play) {
      const connections = await Promise.all(Array.from({ length: streams }, () => play.connect()));
      const exchanges = connections.map((connection) => connection.send(play.need('events')));
      await Promise.all(exchanges.map((exchange) => exchange.begun()));
      play.signal();
      // One that is still open by then is lost, as is one that was cut.
      await play.before(boundMs(play), Promise.all(exchanges.map((exchange) => exchange.settled())));
    },
  },
  {
    id: 'websocket',
    name: 'ends WebSockets with a close frame',
    needs: ['requests.websocket'],
    async run(play) {
      const path = play.need('websocket');
      const sockets = await Promise.all(
        Array.from({ length: streams }, () => WebSocketClient.open(play.service.address, path)),
      );
      play.signal();
      const ends = await Promise.all(sockets.map((socket) => play.before(boundMs(play), socket.ended)));
      for (const socket of sockets) socket.destroy();
      const kept = ends.filter((end) => end?.how === 'close').length;
      play.others.kept += kept;
      play.others.lost += ends.length - kept;
      const left = ends.filter((end) => end === undefined).length;
      play.check(left === 0, `${left} of ${streams} WebSockets were left open`);
      const cut = ends.length - kept - left;
      play.check(cut === 0, `${cut} of ${streams} WebSockets were cut without a close frame`);
    },
  },
];
