import { Connection, within } from '@graceful/conformance/client';
import { loopback } from '../upgrade/contestant.js';
import { Books } from '../upgrade/load/books.js';
import { askOverHttp } from '../upgrade/load/http.js';
import { lostIn } from '../upgrade/load/load.js';
import { Service, type Way } from './service.js';

const patienceMs = 10_000;
const get = { path: '/' };

/** What clients asked, and what of it was lost. */
export interface Loss {
  readonly asked: number;
  readonly lost: number;
  /** In words, by how often. */
  readonly how: readonly string[];
}

export const connectionsAtOnce = 400;

/** Connections come while one of two processes is busy; then that one closes its listener. */
export async function whileBusy(node: string, way: Way): Promise<Loss> {
  const service = await Service.open(node, way);
  try {
    const old = await service.start();
    await service.start();
    await old.block();
    const address = loopback(service.port);
    const connections = await Promise.all(
      Array.from({ length: connectionsAtOnce }, () => Connection.open(address)),
    );
    const exchanges = connections.map((connection) => connection.send(get));
    old.unblock();
    await within(patienceMs, 'the old one to go', old.exited);
    await within(patienceMs, 'all answers', Promise.all(exchanges.map((exchange) => exchange.settled())));
    const books = new Books();
    exchanges.forEach(({ fate }, at) => {
      if (fate === 'answered') books.answer(0);
      else books.lose(connections[at]?.end?.detail ?? fate);
    });
    return lossOf(books);
  } finally {
    await service.end();
  }
}

export const replacements = 20;
const clients = 20;

/** Replacement after replacement under fresh connections, and nobody is busy. */
export async function underLoad(node: string, way: Way): Promise<Loss> {
  const service = await Service.open(node, way);
  const over = new AbortController();
  const books = new Books();
  const surroundings = { address: loopback(service.port), books, patienceMs, over: over.signal };
  const client = { request: get, takesMs: 0, turns: 1, thinkMs: 2 };
  try {
    let old = await service.start();
    const asking = Promise.all(Array.from({ length: clients }, () => askOverHttp(client, surroundings)));
    for (let done = 0; done < replacements; done++) {
      const next = await service.start();
      old.leave();
      await within(patienceMs, 'the old one to go', old.exited);
      old = next;
    }
    over.abort();
    await asking;
    return lossOf(books);
  } finally {
    over.abort();
    await service.end();
  }
}

function lossOf(books: Books): Loss {
  const lost = lostIn([books]);
  const how = [...books.lost].map(([way, many]) => `${many} × ${way}`);
  return { asked: books.answered + lost, lost, how };
}
