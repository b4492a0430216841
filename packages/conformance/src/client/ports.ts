import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range that Linux gives to outgoing connections, so that no client takes one in between. */
const first = 21_000;
const count = 11_000;
const triesAtMost = 100;

/**
 * A port that nobody listens on, for a service that must be told one. At
 * random: runs beside each other that counted from the same number would hand
 * out the same ports.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < triesAtMost; tries++) {
    const port = first + Math.floor(Math.random() * count);
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
  throw new Error(`no free port between ${first} and ${first + count}`);
}
