import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** What every contestant serves, whatever the framework: the same routes, the same bytes of body. */

/** A small answer, made at once: what the overhead is measured on. */
export const order: Readonly<Record<string, unknown>> = {
  id: 42,
  customer: 'ada',
  items: 3,
  total: '118.20',
  paid: true,
};

/** A `POST` takes a moment of work after its body arrived, as a query would. */
export const postWorkMs = 5;

/** A body that no kernel buffer holds, so that a slow reader leaves most of it in the server. */
export const largeBytes: number = 30 * 1024 * 1024;

let large: Buffer | undefined;

/** Made at the first use: the overhead runs do not carry 30 MB around. */
export function largeReport(): Buffer {
  large ??= Buffer.alloc(largeBytes, 'graceful ');
  return large;
}

const held: { readonly answer: () => void; readonly afterMs: number }[] = [];

/** Call `answer` so long after SIGTERM; one timer for all, as it is not the work of this service that is measured. */
export function whenStopped(afterMs: number, answer: () => void): void {
  if (held.length === 0) process.once('SIGTERM', answerHeld);
  held.push({ answer, afterMs });
}

function answerHeld(): void {
  const begunAt = performance.now();
  held.sort((a, b) => b.afterMs - a.afterMs);
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - begunAt;
    while ((held.at(-1)?.afterMs ?? Infinity) <= elapsedMs) held.pop()?.answer();
    if (held.length === 0) clearInterval(timer);
  }, 5);
}

/** An answer that begins at once and goes on for a while, in parts; about 1.6 s. */
export async function* feed(): AsyncGenerator<string> {
  for (let part = 0; part < 8; part += 1) {
    yield `${JSON.stringify(order)}\n`;
    await delay(200);
  }
}

/** An event stream that goes on until somebody ends it. */
export function sendEvents(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const next = (): void => void response.write(`data: ${JSON.stringify(order)}\n\n`);
  next();
  const timer = setInterval(next, 200);
  response.on('close', () => clearInterval(timer));
}

/** How long `GET /reports/slow?ms=…` is to take, in milliseconds. */
export function slowMs(url: string | undefined): number {
  return Number(new URL(url ?? '/', 'http://localhost').searchParams.get('ms') ?? 0);
}
