import fastify, { type FastifyInstance } from 'fastify';
import { runFastifyHttp2 } from './run-fastify-http2.js';

const app = fastify({ http2: true });

// Its types tell HTTP/2 apart all the way down; what the routes use is the same.
await runFastifyHttp2(app as unknown as FastifyInstance);
