import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { released, tell } from './control.js';

/** A request as every framework can give it. */
export interface Asked {
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The body, unread. */
  readonly body: Readable;
}

/** An answer as every framework can send it; with a stream its length is not known, and it goes out in chunks. */
export interface Answer {
  readonly status: number;
  readonly body: string | Buffer | Readable;
}

export type Route = (asked: Asked) => Answer | Promise<Answer>;

const ok = (body: Answer['body']): Answer => ({ status: 200, body });

function idOf({ query }: Asked): string {
  return query.get('id') ?? 'unnamed';
}

function entered(asked: Asked): string {
  const id = idOf(asked);
  tell({ type: 'entered', id });
  return id;
}

async function* inParts(id: string): AsyncGenerator<string> {
  yield 'first part, ';
  tell({ type: 'entered', id });
  await released(id);
  yield 'second part, ';
  yield 'last part';
}

async function read(body: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** The same routes for every service. Those that can answer at once do so, in the same turn. */
export const routes: Readonly<Record<string, Route>> = {
  '/': () => ok('ok'),
  '/slow': async ({ query }) => {
    await new Promise((resolve) => setTimeout(resolve, Number(query.get('ms') ?? 20)));
    return ok('slow');
  },
  '/hold': async (asked) => {
    const id = entered(asked);
    await released(id);
    return ok(`held ${id}`);
  },
  '/echo': async (asked) => {
    entered(asked);
    return ok(await read(asked.body));
  },
  '/count': async (asked) => {
    entered(asked);
    return ok(String((await read(asked.body)).length));
  },
  '/big': (asked) => {
    entered(asked);
    return ok(Buffer.alloc(Number(asked.query.get('bytes') ?? 1_000_000), 'big '));
  },
  '/chunked': (asked) => ok(Readable.from(inParts(idOf(asked)))),
  /** Says no before it has read the body, which never is read. */
  '/refuse': ({ query }) => ({ status: 413, body: Buffer.alloc(Number(query.get('bytes') ?? 4), 'big ') }),
  '/never': async (asked) => {
    entered(asked);
    return await new Promise<Answer>(() => {});
  },
  '/throws': () => {
    throw new Error('this handler throws');
  },
};

/** Ways in which a program may write the head of an answer, each with a `Connection` header of its own. */
const heads: Readonly<Record<string, (response: ServerResponse) => void>> = {
  set: (response) => response.setHeader('Connection', 'keep-alive'),
  object: (response) => response.writeHead(200, { Connection: 'keep-alive', 'Content-Length': '4' }),
  message: (response) => response.writeHead(200, 'Fine', { connection: 'Keep-Alive', 'Content-Length': 4 }),
  list: (response) => response.writeHead(200, ['Connection', 'keep-alive', 'Content-Length', '4']),
  both: (response) => {
    response.setHeader('X-Before', 'yes');
    response.writeHead(200, { 'Keep-Alive': 'timeout=9', Connection: 'keep-alive' });
  },
  flush: (response) => {
    response.setHeader('Connection', 'keep-alive');
    response.flushHeaders();
  },
};

/** The forms of `/head`. */
export const headForms: readonly string[] = Object.keys(heads);

/** Routes that write to Node's own response, whatever the framework around it. */
export const rawRoutes: Readonly<Record<string, (query: URLSearchParams, response: ServerResponse) => void>> =
  {
    '/head': (query, response) => {
      heads[query.get('form') ?? 'set']?.(response);
      response.end('head');
    },
    '/empty': (_query, response) => {
      response.writeHead(204);
      response.end();
    },
    /** Events without end; whoever sends them hears of an end when the connection closes, as most programs do. */
    '/events': (query, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', Connection: 'keep-alive' });
      let count = 0;
      const send = () => response.write(`data: ${++count}\n\n`);
      send();
      const timer = setInterval(send, 5);
      response.once('close', () => clearInterval(timer));
      tell({ type: 'entered', id: query.get('id') ?? 'unnamed' });
    },
    /** A program that cuts its own client off. */
    '/drop': (_query, response) => void response.destroy(),
  };

/** Tells the harness when the kernel has all of an answer to a request that names itself. */
export function noteFinish(url: string, response: NodeJS.EventEmitter): void {
  const id = queryOf(url).get('id');
  if (id !== null) response.once('finish', () => tell({ type: 'finished', id }));
}

export function queryOf(url: string): URLSearchParams {
  return new URL(url, 'http://localhost').searchParams;
}
