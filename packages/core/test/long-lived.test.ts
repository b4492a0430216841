import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect as connect2, createServer as createServer2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { createGzip, gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Graceful } from '../src/graceful.js';
import type { GracefulOptions } from '../src/options.js';
import { deferred } from './support/drainable.js';
import { quietGraceful } from './support/graceful.js';
import { closeServer, portOf } from './support/http.js';

const drain = { delayMs: 0, idleMs: 0, retryMs: 1_234 };
const head = { 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store' };

type Handler = (response: ServerResponse, graceful: Graceful) => void;

/** A service with one route, that of `handler`, and a client that has read the first of what it says. */
async function streaming(handler: Handler, options: GracefulOptions = {}) {
  const graceful = quietGraceful({ ...options, drain: { ...drain, ...options.drain } });
  const server = createServer((_, response) => handler(response, graceful));
  await graceful.listen(server, { port: 0, host: '127.0.0.1' });
  onTestFinished(() => closeServer(server));
  const socket = connect(portOf(server), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const ended = allOf(socket);
  socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
  await once(socket, 'readable');
  return { graceful, server, ended };
}

/** All that comes, up to an end in order; a reset rejects. */
async function allOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket.on('readable', () => {})) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}

/** The body of a chunked response, which must have its last chunk. */
function bodyOf(response: string): string {
  const chunks = response.slice(response.indexOf('\r\n\r\n') + 4);
  expect(chunks.endsWith('0\r\n\r\n')).toBe(true);
  return [...chunks.matchAll(/([0-9a-f]+)\r\n([^]*?)\r\n(?=[0-9a-f]+\r\n)/g)]
    .map((match) => match[2])
    .join('');
}

describe('an event stream', () => {
  it('is told when to come back, and ends whole', async () => {
    const { graceful, ended } = await streaming((response) => {
      response.writeHead(200, head);
      response.write('data: one\n\n');
    });
    const report = await graceful.shutdown('test');
    expect(bodyOf(await ended)).toBe('data: one\n\n:\nretry: 1234\n');
    expect(report).toMatchObject({ verdict: 'clean', requests: { served: 1, dropped: 0 } });
  });

  it('that was seen to write a whole event gets an empty line behind the hint', async () => {
    const { graceful, ended } = await streaming(
      (response, { draining }) => {
        response.writeHead(200, head);
        response.write('data: one\n\n');
        draining.addEventListener('abort', () => setImmediate(() => response.write('data: two\n\n')));
      },
      { drain: { delayMs: 50 } },
    );
    await graceful.shutdown('test');
    expect(bodyOf(await ended)).toBe('data: one\n\ndata: two\n\nretry: 1234\n\n');
  });

  it('is recognised by a header that was set, too', async () => {
    const { graceful, ended } = await streaming((response) => {
      response.setHeader('content-type', 'text/event-stream');
      response.write('data: one\n\n');
    });
    await graceful.shutdown('test');
    expect(bodyOf(await ended)).toBe('data: one\n\n:\nretry: 1234\n');
  });

  it('that stands in the middle of an event does not pass it on as whole', async () => {
    const { graceful, ended } = await streaming(
      (response, { draining }) => {
        response.writeHead(200, head);
        response.write('data: one\n\n');
        draining.addEventListener('abort', () => setImmediate(() => response.write('data: {"half')));
      },
      { drain: { delayMs: 50 } },
    );
    await graceful.shutdown('test');
    expect(bodyOf(await ended)).toBe('data: one\n\ndata: {"half:\nretry: 1234\n');
  });

  it('whose handler goes on writing harms nobody', async () => {
    const callback = deferred<unknown>();
    const { graceful, ended } = await streaming((response) => {
      response.writeHead(200, head);
      response.write('data: one\n\n');
      const { end } = response;
      response.end = function (...args: []) {
        end.apply(this, args);
        setImmediate(() => {
          response.write('data: late\n\n', (error) => callback.resolve(error));
          response.end('data: too late\n\n');
        });
        return this;
      } as typeof end;
    });
    const report = await graceful.shutdown('test');
    expect(bodyOf(await ended)).toBe('data: one\n\n:\nretry: 1234\n');
    expect(await callback.promise).toBeUndefined();
    expect(report.verdict).toBe('clean');
  });

  it('that was compressed before it was written gets no words in the clear', async () => {
    const flushed = deferred();
    const { graceful, ended } = await streaming((response) => {
      response.writeHead(200, { ...head, 'Content-Encoding': 'gzip' });
      const gzip = createGzip();
      gzip.on('data', (chunk) => response.write(chunk));
      gzip.write('data: one\n\n');
      gzip.flush(() => flushed.resolve());
    });
    await flushed.promise;
    await graceful.shutdown('test');
    const body = Buffer.from(bodyOf(await ended), 'latin1');
    expect(gunzipSync(body, { finishFlush: 2 }).toString()).toBe('data: one\n\n');
  });

  it('over HTTP/2 ends whole as well', async () => {
    const graceful = quietGraceful({ drain });
    const server = createServer2((_, response) => {
      response.writeHead(200, head);
      response.write('data: one\n\n');
    });
    await graceful.listen(server, { port: 0, host: '127.0.0.1' });
    onTestFinished(() => closeServer(server));
    const session = connect2(`http://127.0.0.1:${portOf(server)}`);
    const goaway = once(session, 'goaway');
    const stream = session.request({ ':path': '/' });
    const chunks: string[] = [];
    stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
    await once(stream, 'data');
    const [report] = await Promise.all([graceful.shutdown('test'), once(stream, 'close'), goaway]);
    expect(chunks.join('')).toBe('data: one\n\n:\nretry: 1234\n');
    expect(stream.rstCode).toBe(0);
    expect(report).toMatchObject({ verdict: 'clean', requests: { served: 1 }, connections: { told: 1 } });
  });

  it('that begins when others have begun to leave ends, too', async () => {
    const head2 = deferred();
    const { graceful, ended } = await streaming((response, { draining }) => {
      // Something has to be read before the shutdown begins.
      response.writeProcessing();
      draining.addEventListener(
        'abort',
        () => void head2.promise.then(() => response.writeHead(200, head).write(':\n\n')),
      );
    });
    const draining = deferred();
    graceful.on('state', ({ state }) => state === 'draining' && draining.resolve());
    const leaving = graceful.shutdown('test');
    await draining.promise;
    head2.resolve();
    expect((await leaving).verdict).toBe('clean');
    expect(await ended).toContain('retry: 1234\n\n');
  });

  it('does not hold up an adaptive lame-duck', async () => {
    const { graceful } = await streaming(
      (response) => {
        response.writeHead(200, head);
        response.write(':\n\n');
      },
      { drain: { delayMs: { minMs: 1, maxMs: 60_000, quietMs: 1 } } },
    );
    expect((await graceful.shutdown('test')).verdict).toBe('clean');
  });
});

describe('signalFor', () => {
  it('tells a handler when it is its turn, and leaves the end to it', async () => {
    const states: string[] = [];
    const { graceful, ended } = await streaming((response, made) => {
      response.writeHead(200, head);
      response.write('data: one\n\n');
      const signal = made.signalFor(response.req);
      signal.addEventListener('abort', () => {
        states.push(graceful.state);
        setImmediate(() => response.end('event: bye\n\n'));
      });
    });
    expect((await graceful.shutdown('test')).verdict).toBe('clean');
    expect(bodyOf(await ended)).toBe('data: one\n\nevent: bye\n\n');
    expect(states).toEqual(['draining']);
  });

  it('is the same signal for a request and its response, and aborts at once when it is asked for late', async () => {
    const late = deferred<readonly AbortSignal[]>();
    const { graceful } = await streaming((response, made) => {
      response.writeProcessing();
      made.on('state', ({ state }) => {
        if (state !== 'draining') return;
        late.resolve([made.signalFor(response.req), made.signalFor(response)]);
      });
      void late.promise.then(([signal]) => signal?.addEventListener('abort', () => response.end()));
    });
    expect((await graceful.shutdown('test')).verdict).toBe('clean');
    const [first, second] = await late.promise;
    expect(first).toBe(second);
    expect(first?.reason).toBeInstanceOf(Error);
  });

  it.each([undefined, {}, new Request('http://localhost')])('takes no nonsense: %o', (nonsense) => {
    expect(() => quietGraceful().signalFor(nonsense as never)).toThrow('Expected the request');
  });

  it('takes what Fastify hands to a handler', async () => {
    const { graceful, ended } = await streaming((response, made) => {
      response.write('one');
      const signal = made.signalFor({ raw: response.req });
      signal.addEventListener('abort', () => response.end('two'));
    });
    await graceful.shutdown('test');
    expect(bodyOf(await ended)).toBe('onetwo');
  });
});

describe('longLived', () => {
  it('ends a response in the words of its handler', async () => {
    const { graceful, ended } = await streaming((response, made) => {
      response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
      response.write('{"n":1}\n');
      made.longLived(response, () => response.end('{"bye":true}\n'));
    });
    expect(await graceful.shutdown('test')).toMatchObject({ verdict: 'clean', requests: { served: 1 } });
    expect(bodyOf(await ended)).toBe('{"n":1}\n{"bye":true}\n');
  });

  it('ends an upgraded socket, which counts as told', async () => {
    const graceful = quietGraceful({ drain });
    const server = createServer();
    server.on('upgrade', (_, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
      graceful.longLived(socket, () => socket.end('bye'));
    });
    await graceful.listen(server, { port: 0, host: '127.0.0.1' });
    onTestFinished(() => closeServer(server));
    const socket = connect(portOf(server), '127.0.0.1');
    const ended = allOf(socket);
    socket.write('GET / HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    await once(socket, 'readable');
    expect(graceful.connections.hijacked).toBe(1);
    const report = await graceful.shutdown('test');
    expect(await ended).toMatch(/bye$/);
    expect(report).toMatchObject({ verdict: 'clean', connections: { told: 1, forced: 0 } });
  });

  it('tells of an end that fails, and goes on', async () => {
    const { graceful } = await streaming(
      (response, made) => {
        response.write('one');
        made.longLived(response, () => Promise.reject(new Error('no goodbye')));
      },
      { drain: { requestsMs: 100 } },
    );
    expect(await graceful.shutdown('test')).toMatchObject({
      verdict: 'failed',
      errors: [{ message: 'no goodbye' }],
    });
  });

  it('leaves alone what was taken back', async () => {
    const { graceful } = await streaming(
      (response, made) => {
        response.write('one');
        made.longLived(response, () => response.end())[Symbol.dispose]();
      },
      { drain: { requestsMs: 50 } },
    );
    expect(await graceful.shutdown('test')).toMatchObject({ verdict: 'forced', requests: { dropped: 1 } });
  });
});
