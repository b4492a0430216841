import './two-localhosts.js';
import fastify from 'fastify';
import { runFastify } from './run-fastify.js';
import { readConfig } from './service.js';

const config = readConfig();
await runFastify(config, fastify({ keepAliveTimeout: config.keepAliveMs }));
