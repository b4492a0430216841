import { createGraceful } from '@graceful/express';
import express from 'express';
import { runExpress } from './run-express.js';
import { readConfig, toOptions } from './service.js';

const config = readConfig();
await runExpress(config, express(), createGraceful(toOptions(config)));
