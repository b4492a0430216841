import { setTimeout as pause } from 'node:timers/promises';
import type { Ask, HttpClient } from './http-client.js';

const large = 'large '.repeat(20_000);

/** What is asked in turn, and what must come back. */
const asks: readonly (readonly [Ask, expected: string])[] = [
  [{ method: 'GET', path: '/' }, 'ok'],
  [{ method: 'POST', path: '/echo', body: 'a small order' }, 'a small order'],
  [{ method: 'GET', path: '/slow?ms=15' }, 'slow'],
  [{ method: 'POST', path: '/count', body: large }, String(large.length)],
];

/** What became of everything that a client was asked to ask. */
export class Books {
  /** Requests that failed or were answered otherwise than they should be, in words. */
  readonly harm: string[] = [];

  /** Ask one thing after the other, with a moment of `thinkMs` in between, until `enough`. */
  async fill(client: HttpClient, thinkMs: number, enough: () => boolean): Promise<void> {
    for (let turn = 0; !enough(); turn++) {
      const [ask, expected] = asks[turn % asks.length] ?? [];
      if (!ask) throw new Error('Expected something to ask.');
      try {
        const { status, body } = await client.ask(ask);
        if (status !== 200 || body !== expected)
          this.harm.push(`${ask.method} ${ask.path}: ${status} ${body.slice(0, 80)}`);
      } catch (error) {
        this.harm.push(`${ask.method} ${ask.path}: ${describe(error)}`);
      }
      await pause(thinkMs);
    }
  }
}

/** What was thrown, with what it says of its cause: fetch() itself says no more than "fetch failed". */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? String(error) : `${String(error)}, ${describe(error.cause)}`;
}
