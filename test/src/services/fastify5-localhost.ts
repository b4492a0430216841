import fastify from 'fastify';
import { runFastify } from './run-fastify.js';
import { readConfig } from './service.js';
import { haveTwoLocalhosts } from './two-localhosts.js';

haveTwoLocalhosts();

const config = readConfig();
await runFastify(config, fastify({ keepAliveTimeout: config.keepAliveMs }));
