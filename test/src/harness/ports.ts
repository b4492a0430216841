import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range that Linux gives to outgoing connections, so that no client takes one in between. */
const first = 21_000;
const perProcess = 400;
const ranges = 28;
// Two workers, or two runs beside each other, must hardly ever share a range.
const base = first + (process.pid % ranges) * perProcess;
let next = 0;

/** A port that nobody listens on, for a service that must be told one. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < perProcess; tries++) {
    const port = base + (next++ % perProcess);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
  throw new Error(`no free port from ${base} on`);
}
