import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { tell } from './control.js';
import { type Answer, noteFinish, queryOf, routes } from './routes.js';

type StreamRoute = (stream: ServerHttp2Stream) => void;

/** Answers in the words of streams alone. */
const extras: Readonly<Record<string, StreamRoute>> = {
  '/trailers': (stream) => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.once('wantTrailers', () => stream.sendTrailers({ 'x-checksum': 'abc' }));
    stream.end('body');
  },
  '/empty': (stream) => stream.respond({ ':status': 204 }, { endStream: true }),
  '/unchanged': (stream) => stream.respond({ ':status': 304 }, { endStream: true }),
  '/file': (stream) => stream.respondWithFile(fileURLToPath(import.meta.url)),
};

/** The routes by `stream` events. Nobody listens for errors of a stream here, as in many a program. */
export function onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  if (headers[':method'] === 'CONNECT') return tunnel(stream, headers[':authority'] ?? '');
  const url = headers[':path'] ?? '/';
  const path = url.replace(/\?.*/, '');
  noteFinish(url, stream);
  const extra = extras[path];
  if (extra) return extra(stream);
  const route = routes[path];
  if (!route) return send(stream, { status: 404, body: 'not found' });
  const fail = (error: unknown) => {
    if (!stream.destroyed) send(stream, { status: 500, body: String(error) });
  };
  try {
    const answered = route({ query: queryOf(url), headers, body: stream });
    if (answered instanceof Promise) answered.then((late) => send(stream, late)).catch(fail);
    else send(stream, answered);
  } catch (error) {
    fail(error);
  }
}

/** A tunnel that leads back to where it came from. */
function tunnel(stream: ServerHttp2Stream, id: string): void {
  stream.respond({ ':status': 200 });
  stream.pipe(stream);
  tell({ type: 'entered', id });
}

function send(stream: ServerHttp2Stream, { status, body }: Answer): void {
  // Its client took it back.
  if (stream.destroyed) return;
  stream.respond({ ':status': status, 'content-type': 'text/plain' });
  // To HEAD the response has ended with its head.
  if (stream.writableEnded) return;
  if (body instanceof Readable) body.pipe(stream);
  else stream.end(body);
}
