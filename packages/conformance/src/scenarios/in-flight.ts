import type { Exchange } from '../client/exchange.js';
import type { Play } from '../play.js';
import type { Scenario } from './scenario.js';

const requestsAtOnce = 3;
/** Signals closer together than this may be one that was delivered twice, as npm does. */
const secondSignalMs = 600;

/** Requests on connections of their own that the service works on. */
async function inFlight(play: Play): Promise<readonly Exchange[]> {
  const { request } = play.need('slow');
  const connections = await Promise.all(Array.from({ length: requestsAtOnce }, () => play.connect()));
  const exchanges = connections.map((connection) => connection.send(request));
  await play.noticed();
  return exchanges;
}

async function settled(exchanges: readonly Exchange[]): Promise<void> {
  await Promise.all(exchanges.map((exchange) => exchange.settled()));
}

export const requestsInFlight: readonly Scenario[] = [
  {
    id: 'in-flight',
    name: 'finishes requests in flight',
    needs: ['requests.slow'],
    async run(play) {
      const exchanges = await inFlight(play);
      play.signal();
      await settled(exchanges);
    },
  },
  {
    id: 'second-signal',
    name: 'finishes requests in flight after a second SIGTERM too',
    needs: ['requests.slow'],
    async run(play) {
      const exchanges = await inFlight(play);
      play.signal();
      await play.after(Math.min(secondSignalMs, play.need('slow').takesMs / 2));
      play.signal();
      await settled(exchanges);
    },
  },
  {
    id: 'pipelined',
    name: 'answers requests that came in one piece',
    needs: [],
    async run(play) {
      const { quick, slow } = play.settings.requests;
      const row = [quick, quick, quick];
      const [atOnce, later, behind] = [await play.connect(), await play.connect(), await play.connect()];
      await later.send(quick).settled();
      const exchanges = slow ? behind.pipeline([slow.request, quick, quick]) : behind.pipeline(row);
      await play.noticed();
      exchanges.push(...atOnce.pipeline(row));
      play.signal();
      await play.after(50);
      if (later.usable) exchanges.push(...later.pipeline(row));
      await settled(exchanges);
    },
  },
  {
    id: 'slow-reader',
    name: 'sends the whole of a large answer to a slow reader',
    needs: ['requests.large'],
    async run(play) {
      const connections = [await play.connect(), await play.connect()];
      // Asked, and not read: the kernel holds some of the answer, the process the rest.
      for (const connection of connections) connection.pause();
      const exchanges = connections.map((connection) => connection.send(play.need('large')));
      await play.noticed();
      play.signal();
      await play.after(play.settings.promises.lameDuckMs + 300);
      for (const connection of connections) connection.resume();
      await settled(exchanges);
    },
  },
  {
    id: 'stream',
    name: 'finishes a streamed answer that had begun',
    needs: ['requests.stream'],
    async run(play) {
      const connections = [await play.connect(), await play.connect()];
      const exchanges = connections.map((connection) => connection.send(play.need('stream').request));
      await Promise.all(exchanges.map((exchange) => exchange.begun()));
      play.signal();
      await settled(exchanges);
    },
  },
  {
    id: 'slow-upload',
    name: 'takes the rest of a slow upload',
    needs: ['requests.upload'],
    async run(play) {
      const { plain, chunked } = play.need('upload');
      const exchanges = [(await play.connect()).draft(plain), (await play.connect()).draft(chunked)];
      for (const exchange of exchanges) {
        play.begun.add(exchange);
        exchange.send(exchange.wire.headBytes + Math.floor(bodyBytes(exchange) / 3));
      }
      await play.noticed();
      play.signal();
      await play.after(100);
      for (const exchange of exchanges) exchange.send(Math.floor(bodyBytes(exchange) / 3));
      await play.after(play.settings.promises.lameDuckMs + 300);
      await settled(exchanges.map((exchange) => exchange.send()));
    },
  },
];

function bodyBytes({ wire }: Exchange): number {
  return wire.bytes.length - wire.headBytes;
}
