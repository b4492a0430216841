import type { RequestListener, ServerResponse } from 'node:http';
import { generation } from './tell.js';

/** How many requests this process has answered; what the state of a service is in these tests. */
export const counter = { requests: 0 };

/** `/`: who answers. `/slow?ms=…`: the same, later. A body is counted. */
export const route: RequestListener = (request, response) => {
  counter.requests++;
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  request.on('end', () => {
    const ms = pathname === '/slow' ? Number(searchParams.get('ms') ?? 0) : 0;
    if (ms > 0) setTimeout(answer, ms, response, bytes);
    else answer(response, bytes);
  });
};

function answer(response: ServerResponse, bytes: number): void {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ pid: process.pid, generation, bytes }));
}
