import { setTimeout as pause } from 'node:timers/promises';
import type { Kind, Visit } from '../protocol.js';
import type { Random } from '../random.js';
import { isWholeStream } from '../event-streams/whole.js';
import { type Asked, Session } from './session.js';

/** A client that went on for ever would be a hang of its own. */
const most = 300;

const says =
  (body: string) =>
  ({ text }: { readonly text: string }) =>
    text === body;

/** What small clients ask, in any order. */
const small: readonly Asked[] = [
  { path: '/', expects: says('ok') },
  { path: '/', method: 'HEAD', expects: says('') },
  { path: '/slow?ms=15', expects: says('slow') },
  { path: '/slow?ms=60', expects: says('slow') },
  { path: '/echo', method: 'POST', body: Buffer.from('a small order'), expects: says('a small order') },
  { path: '/throws', status: 500 },
  { path: '/nowhere', status: 404 },
];

function big(random: Random): Asked {
  const size = random.between(100_000, 1_000_000);
  return { path: `/big?bytes=${size}`, expects: ({ bytes }) => bytes === size };
}

function upload(random: Random): Asked {
  const size = random.between(1, 200_000);
  return {
    path: '/count',
    method: 'POST',
    body: Buffer.alloc(size, 'upload '),
    expects: says(String(size)),
  };
}

function anything(random: Random): Asked {
  const dice = random.between(1, 10);
  if (dice === 1) return big(random);
  return dice === 2 ? upload(random) : random.pick(small);
}

/** Use one session after the other, until nobody opens. */
async function goOn(
  visit: Visit,
  use: (session: Session, hasTurn: () => boolean) => Promise<void>,
): Promise<void> {
  let turns = 0;
  const hasTurn = () => turns++ < most && !visit.over.aborted;
  while (hasTurn()) {
    const session = await Session.open(visit);
    if (!session) return;
    await use(session, hasTurn);
    session.close();
    await session.closed;
  }
}

/** One request after the other. */
async function sequential(
  { random }: Visit,
  session: Session,
  hasTurn: () => boolean,
  of: (random: Random) => Asked,
): Promise<void> {
  while (session.usable && hasTurn()) {
    await session.ask(of(random));
    await pause(random.between(0, 40));
  }
}

/** Several requests at once, which wait for nothing. */
async function multiplex(visit: Visit, session: Session, hasTurn: () => boolean): Promise<void> {
  const lanes = visit.random.between(2, 8);
  await Promise.all(Array.from({ length: lanes }, () => sequential(visit, session, hasTurn, anything)));
}

async function readSlowly({ random }: Visit, session: Session, hasTurn: () => boolean): Promise<void> {
  while (session.usable && hasTurn()) {
    const exchange = session.send(big(random));
    for (let rest = random.between(1, 4); rest > 0 && exchange.fate === 'waiting'; rest--) {
      exchange.pauseFor(random.between(5, 25));
      await pause(30);
    }
    await exchange.settled;
  }
}

async function changeItsMind({ random }: Visit, session: Session, hasTurn: () => boolean): Promise<void> {
  while (session.usable && hasTurn()) {
    // Whose handler sets no timer, which would outlive the request and be named in the report; and no more
    // than a little of an answer, as Node refuses streams where 10 MB of answers are waiting.
    const exchange = session.send({ path: random.pick(['/hold?id=gone', '/big?bytes=100000']) });
    await pause(random.between(0, 60));
    exchange.cancel();
    await exchange.settled;
  }
}

/** Asks once, and stays without a word until it is told. */
async function stay({ random }: Visit, session: Session): Promise<void> {
  await session.ask(random.pick(small));
  if (session.usable) await session.closed;
}

/** Event streams, and small requests beside them. */
async function listen(visit: Visit, session: Session, hasTurn: () => boolean): Promise<void> {
  const streams = Array.from({ length: visit.random.between(1, 3) }, () =>
    session.ask({ path: '/events', expects: ({ text }) => isWholeStream(text) }),
  );
  await sequential(visit, session, hasTurn, (random) => random.pick(small));
  await Promise.all(streams);
}

type Use = (visit: Visit, session: Session, hasTurn: () => boolean) => Promise<void>;

const uses: Readonly<Record<string, Use>> = {
  'one by one': (visit, session, hasTurn) =>
    sequential(visit, session, hasTurn, (random) => random.pick(small)),
  'big answers': (visit, session, hasTurn) => sequential(visit, session, hasTurn, big),
  uploads: (visit, session, hasTurn) => sequential(visit, session, hasTurn, upload),
  'many at once': multiplex,
  'slow reader': readSlowly,
  'takes requests back': changeItsMind,
  stays: stay,
  'event streams': listen,
  'a session for each request': async ({ random }, session) => session.ask(random.pick(small)),
};

/** Clients to whom a service owes an answer, over HTTP/2 with or without TLS. */
export const politeHttp2: readonly Kind[] = Object.entries(uses).map(
  ([name, use]): Kind => ({
    name: `HTTP/2: ${name}`,
    manners: 'good',
    visit: (visit) => goOn(visit, (session, hasTurn) => use(visit, session, hasTurn)),
  }),
);
