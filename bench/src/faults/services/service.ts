import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createGraceful, type Graceful } from '@graceful/core';
import { addresses } from '../../upgrade/service.js';

/** How long `GET /slow` takes: longer than an overlap, so that a drain has something to wait for. In milliseconds. */
const slowMs = 300;

function answer({ url }: IncomingMessage, response: ServerResponse): void {
  const say = (): void => void response.end(String(process.pid));
  if (url === '/slow') setTimeout(say, slowMs);
  else say();
}

/** Says who it is to everybody who asks; over TCP and over a Unix socket. With short budgets: the runs are many. */
export async function serve(before: (graceful: Graceful) => void = () => {}): Promise<void> {
  const { port, host, path } = addresses();
  const graceful = createGraceful({
    drain: { delayMs: 0, requestsMs: 2_000, hooksMs: 1_000, idleMs: 200 },
    logger: false,
  });
  before(graceful);
  await graceful.listen(createServer(answer), { port, host, name: 'http' });
  await graceful.listen(createServer(answer), { path, name: 'unix' });
}

/** Say something to the bench: a line of JSON on standard error, which all generations share. */
export function tell(line: object): void {
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

/** How long both generations serve, in milliseconds. */
export const overlapMs = 300;
