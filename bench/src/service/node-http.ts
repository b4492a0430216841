import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import {
  feed,
  largeBytes,
  largeReport,
  order,
  postWorkMs,
  sendEvents,
  slowMs,
  whenStopped,
} from './orders.js';
import { createServer } from './server.js';

function sendJson(response: ServerResponse, body: unknown): void {
  const json = JSON.stringify(body);
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.setHeader('content-length', Buffer.byteLength(json));
  response.end(json);
}

function handle(request: IncomingMessage, response: ServerResponse): void {
  if (request.url?.startsWith('/reports/slow')) {
    setTimeout(() => sendJson(response, order), slowMs(request.url));
  } else if (request.url?.startsWith('/reports/held')) {
    whenStopped(slowMs(request.url), () => sendJson(response, order));
  } else if (request.url === '/orders/events') {
    sendEvents(response);
  } else if (request.url === '/reports/feed') {
    Readable.from(feed()).pipe(response);
  } else if (request.url === '/reports/never') {
    // Nothing: no timer either, which would hold the process by itself.
  } else if (request.url === '/reports/large') {
    response.setHeader('content-length', largeBytes);
    response.end(largeReport());
  } else if (request.method === 'POST') {
    request.resume().on('end', () => setTimeout(() => sendJson(response, order), postWorkMs));
  } else {
    sendJson(response, order);
  }
}

export function nodeHttpService(): Server {
  const server = createServer(handle);
  const keepAliveTimeout = process.env['BENCH_KEEP_ALIVE_MS'];
  if (keepAliveTimeout !== undefined) server.keepAliveTimeout = Number(keepAliveTimeout);
  return server;
}
