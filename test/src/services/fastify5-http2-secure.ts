import fastify, { type FastifyInstance } from 'fastify';
import { certificate } from './certificate.js';
import { runFastifyHttp2 } from './run-fastify-http2.js';

const app = fastify({ http2: true, https: { ...certificate, allowHTTP1: true } });

// Its types tell HTTP/2 apart all the way down; what the routes use is the same.
await runFastifyHttp2(app as unknown as FastifyInstance);
