import { setTimeout as pause } from 'node:timers/promises';
import type { Kind, Visit } from '../protocol.js';
import type { Random } from '../random.js';
import { type Connection, late, type RawRequest, Relay } from '../suite.js';
import { goOn, openOrNothing } from './pace.js';

/** What small clients ask, in any order. */
const small: readonly RawRequest[] = [
  { path: '/' },
  { path: '/', method: 'HEAD' },
  { path: '/slow?ms=15' },
  { path: '/slow?ms=60' },
  { path: '/echo', method: 'POST', body: 'a small order' },
  { path: '/echo', method: 'POST', body: 'an order in chunks', chunkBytes: 5 },
  { path: '/head?form=list' },
  { path: '/empty' },
  { path: '/throws' },
  { path: '/nowhere' },
];

/** The answer of a route that says how much came. */
async function expectBody(
  visit: Visit,
  connection: Connection,
  request: RawRequest,
  bytes: number,
): Promise<void> {
  const exchange = connection.send(request);
  if ((await exchange.settled()) !== 'answered') return;
  visit.trial.equal(exchange.response?.bodyBytes, bytes, `bytes of ${request.path}`);
}

/** Send `request` in pieces, as a slow network brings it. */
async function sendInPieces(
  connection: Connection,
  request: RawRequest,
  piece: number,
  pauseMs: () => number,
): Promise<string | undefined> {
  const exchange = connection.draft(request);
  do {
    exchange.send(piece);
    await pause(pauseMs());
  } while (exchange.fate === 'sending');
  return (await exchange.settled()) === 'answered' ? exchange.response?.body : undefined;
}

async function upload(visit: Visit, connection: Connection): Promise<void> {
  const { random, trial } = visit;
  const body = Buffer.alloc(random.between(1, 200_000), 'upload ');
  const request = {
    method: 'POST',
    path: '/count',
    body,
    ...(random.chance(0.5) && { chunkBytes: random.between(500, 30_000) }),
  };
  const piece = Math.ceil(body.length / random.between(1, 8)) + 200;
  const answer = await sendInPieces(connection, request, piece, () => random.between(0, 10));
  if (answer !== undefined) trial.equal(answer, String(body.length), 'bytes that the service counted');
}

/** Reads in gulps, with rests between them in which buffers fill up to the handler. */
async function readSlowly(visit: Visit, connection: Connection): Promise<void> {
  const { random } = visit;
  const bytes = random.between(1_000_000, 5_000_000);
  connection.pause();
  const answered = expectBody(visit, connection, { path: `/big?bytes=${bytes}` }, bytes);
  const rests = random.between(1, 8);
  for (let rest = 0; rest < rests; rest++) {
    await pause(random.between(5, 25));
    connection.resume();
    await pause(1);
    connection.pause();
  }
  connection.resume();
  await answered;
}

/** Most think for moments, some for longer. */
function thinking(random: Random, most: number): () => number {
  const longest = random.between(0, most);
  return () => random.between(0, longest);
}

/** On one connection, from another town. */
async function goOnFromAfar(visit: Visit): Promise<void> {
  const { trial, random } = visit;
  const oneWayMs = random.between(2, 12);
  using distance = await Relay.to(trial.service.address(), late(oneWayMs), late(oneWayMs));
  const connection = await openOrNothing(trial.clients.connect(distance.address));
  if (!connection) return;
  const knock = connection.send({ path: '/' });
  // The relay opens whether the service does or not: who never hears from it was refused.
  if ((await knock.settled()) !== 'answered' && !knock.response) trial.clients.refused(connection);
  let asked = false;
  const connect = async () => {
    if (asked || !connection.usable) return undefined;
    asked = true;
    return connection;
  };
  await goOn(visit, { thinkMs: thinking(random, 40), connect }, (same) => {
    return same.send(random.pick(small)).settled();
  });
  if (!connection.end) await connection.closed;
}

interface Polite {
  readonly name: string;
  readonly once?: boolean;
  /** The longest that one of this kind thinks, in milliseconds. */
  readonly thinkMs: number;
  ask(visit: Visit, connection: Connection): Promise<unknown>;
}

const kinds: readonly Polite[] = [
  {
    name: 'kept alive',
    thinkMs: 60,
    ask: ({ random }, connection) => connection.send(random.pick(small)).settled(),
  },
  {
    name: 'a connection for each request',
    thinkMs: 30,
    once: true,
    ask: ({ random }, connection) => connection.send(random.pick(small)).settled(),
  },
  {
    name: 'pipelined',
    thinkMs: 60,
    async ask({ random }, connection) {
      const requests = Array.from({ length: random.between(2, 12) }, () => random.pick(small));
      await Promise.all(connection.pipeline(requests).map((exchange) => exchange.settled()));
    },
  },
  { name: 'uploads', thinkMs: 60, ask: upload },
  { name: 'slow reader', thinkMs: 60, ask: readSlowly },
  {
    name: 'big answers',
    thinkMs: 60,
    ask(visit, connection) {
      const bytes = visit.random.between(100_000, 3_000_000);
      return expectBody(visit, connection, { path: `/big?bytes=${bytes}` }, bytes);
    },
  },
  {
    name: 'heads in parts',
    thinkMs: 60,
    ask({ random }, connection) {
      const headers = { 'X-Padding': 'x'.repeat(random.between(10, 2_000)) };
      const piece = random.between(200, 900);
      return sendInPieces(connection, { path: '/', headers }, piece, () => random.between(0, 15));
    },
  },
];

/** Clients to whom a service owes an answer, over HTTP/1.1 with or without TLS. */
export const politeHttp: readonly Kind[] = [
  ...kinds.map(
    ({ name, thinkMs, once = false, ask }): Kind => ({
      name,
      manners: 'good',
      visit: (visit) =>
        goOn(visit, { thinkMs: thinking(visit.random, thinkMs), once }, (connection) =>
          ask(visit, connection),
        ),
    }),
  ),
  { name: 'far away', manners: 'good', visit: goOnFromAfar },
];
