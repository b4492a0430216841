import fastify from 'fastify';
import { certificate } from './certificate.js';
import { runFastify } from './run-fastify.js';
import { readConfig } from './service.js';
import { keepingSessions } from './tls-sessions.js';

const config = readConfig();
const app = fastify({ https: certificate, keepAliveTimeout: config.keepAliveMs });
keepingSessions(app.server);
await runFastify(config, app);
