import { askOverHttp, type HttpClient, type Surroundings } from './http.js';
import { talkOverWebSockets } from './web-sockets.js';

/** One kind of client in the mixed load. */
export interface Part {
  readonly name: string;
  readonly over: 'tcp' | 'unix';
  readonly clients: number;
  work(surroundings: Surroundings): Promise<void>;
}

function http(client: HttpClient): Part['work'] {
  return (surroundings) => askOverHttp(client, surroundings);
}

function webSockets(messages: number): Part['work'] {
  return (surroundings) => talkOverWebSockets({ messages, thinkMs: 100 }, surroundings);
}

const get = { path: '/orders/42' };
const post = { method: 'POST', path: '/orders', body: 'x'.repeat(16 * 1024) };
const slowMs = 2_000;
const slow = { path: `/reports/slow?ms=${slowMs}` };
/** A connection that is used this often is old enough for any pool. */
const kept = 500;

export const parts: readonly Part[] = [
  {
    name: 'GET, kept alive',
    over: 'tcp',
    clients: 20,
    work: http({ request: get, takesMs: 0, turns: kept, thinkMs: 60 }),
  },
  {
    name: 'GET, a connection each',
    over: 'tcp',
    clients: 10,
    work: http({ request: get, takesMs: 0, turns: 1, thinkMs: 60 }),
  },
  {
    name: 'GET over a Unix socket, a connection for three',
    over: 'unix',
    clients: 6,
    work: http({ request: get, takesMs: 0, turns: 3, thinkMs: 60 }),
  },
  {
    name: 'POST of 16 KB, kept alive',
    over: 'tcp',
    clients: 8,
    work: http({ request: post, takesMs: 0, turns: kept, thinkMs: 60 }),
  },
  {
    name: 'responses that take 2 s',
    over: 'tcp',
    clients: 20,
    work: http({ request: slow, takesMs: slowMs, turns: kept, thinkMs: 60 }),
  },
  { name: 'WebSockets, sessions of 3 s', over: 'tcp', clients: 6, work: webSockets(30) },
  { name: 'WebSockets that stay', over: 'tcp', clients: 6, work: webSockets(Number.POSITIVE_INFINITY) },
];
