import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { largeBytes, largeReport, order, postWorkMs, slowMs } from './orders.js';

function sendJson(response: ServerResponse, body: unknown): void {
  const json = JSON.stringify(body);
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.setHeader('content-length', Buffer.byteLength(json));
  response.end(json);
}

function handle(request: IncomingMessage, response: ServerResponse): void {
  if (request.url?.startsWith('/reports/slow')) {
    setTimeout(() => sendJson(response, order), slowMs(request.url));
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
  return createServer(handle);
}
