import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';

/** What a contestant's server speaks; HTTP/2 is offered beside HTTP/1.1, over TLS. */
export const protocol: string = process.env['BENCH_PROTOCOL'] ?? 'http';

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../../test/fixtures/test-only-${name}.pem`, import.meta.url));
}

/** Signed by itself, and good for nothing but tests. */
export function certificate(): { readonly cert: Buffer; readonly key: Buffer } {
  return { cert: fixture('cert'), key: fixture('key') };
}

/** A server for `handler`, of the kind that is asked for. */
export function createServer(handler: RequestListener): Server {
  switch (protocol) {
    case 'https':
      return createHttpsServer(certificate(), handler);
    case 'http2':
      // What the handlers here use is the same in Node's compatibility API.
      return createSecureServer(
        { ...certificate(), allowHTTP1: true },
        handler as unknown as Parameters<typeof createSecureServer>[1],
      ) as unknown as Server;
    default:
      return createHttpServer(handler);
  }
}
