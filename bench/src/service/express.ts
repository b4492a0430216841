import { Readable } from 'node:stream';
import express, { type Express } from 'express';
import { feed, largeBytes, largeReport, order, postWorkMs, sendEvents, slowMs } from './orders.js';

/** The routes on an app, or on one that already has a library's middleware. */
export function expressService(app: Express = express()): Express {
  app.get('/orders/events', (_request, response) => sendEvents(response));
  app.get('/orders/:id', (_request, response) => {
    response.json(order);
  });
  app.post('/orders', (request, response) => {
    request.resume().on('end', () => setTimeout(() => response.json(order), postWorkMs));
  });
  app.get('/reports/slow', (request, response) => {
    setTimeout(() => response.json(order), slowMs(request.url));
  });
  app.get('/reports/feed', (_request, response) => {
    Readable.from(feed()).pipe(response);
  });
  app.get('/reports/never', () => undefined);
  app.get('/reports/large', (_request, response) => {
    // Not send(): it would hash 30 MB for an ETag.
    response.setHeader('content-length', largeBytes).end(largeReport());
  });
  return app;
}
