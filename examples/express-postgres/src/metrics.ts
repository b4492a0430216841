import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Registry } from 'prom-client';

export const register: Registry = new Registry();

collectDefaultMetrics({ register });

export const metrics: RequestHandler = async (_request, response) => {
  response.type(register.contentType).send(await register.metrics());
};
