import type { Adapter } from '../harness/adapters.js';

/** A service over HTTP/2 to test, and what it can do beyond what all can. */
export interface Http2Service extends Adapter {
  /** Its clients may speak HTTP/1.1 on the same port, chosen by ALPN. */
  readonly http1: boolean;
  /** Written with `stream` events. */
  readonly streams: boolean;
}

type Http2ServiceName = 'compat' | 'stream' | 'secure' | 'middleware' | 'fastify5' | 'fastify5Secure';

/** The columns of the table. */
export const http2Services: Readonly<Record<Http2ServiceName, Http2Service>> = {
  compat: {
    name: 'core, node:http2',
    program: 'core-http2',
    tls: false,
    http1: false,
    streams: false,
  },
  stream: {
    name: 'core, node:http2, stream events',
    program: 'core-http2-stream',
    tls: false,
    http1: false,
    streams: true,
  },
  secure: {
    name: 'core, node:http2 over TLS, HTTP/1.1 allowed',
    program: 'core-http2-secure',
    tls: true,
    http1: true,
    streams: false,
  },
  middleware: {
    name: "the middleware of Express over node:http2, the user's own listen()",
    program: 'middleware-http2',
    tls: false,
    http1: false,
    streams: false,
  },
  fastify5: {
    name: 'Fastify 5, http2',
    program: 'fastify5-http2',
    tls: false,
    http1: false,
    streams: false,
    ownHooks: ['fastify'],
  },
  fastify5Secure: {
    name: 'Fastify 5, http2 over TLS, HTTP/1.1 allowed',
    program: 'fastify5-http2-secure',
    tls: true,
    http1: true,
    streams: false,
    ownHooks: ['fastify'],
  },
};
