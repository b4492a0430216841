import { setTimeout as pause } from 'node:timers/promises';
import { type Address, Connection } from '@graceful/conformance/client';

/** The body of an answer, if `address` answers now: connected, asked and answered with 200 within `limitMs`. */
export async function answerOf(
  address: Address,
  path = '/orders/42',
  limitMs = 2_000,
): Promise<string | undefined> {
  const connection = await Connection.open(address).catch(() => undefined);
  if (!connection) return undefined;
  const limit = setTimeout(() => connection.destroy(), limitMs);
  try {
    const { status, body } = await connection.ask({ path });
    return status === 200 ? body : undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(limit);
    connection.destroy();
  }
}

/** Resolves when it answers. */
export async function answers(address: Address, what: string, limitMs = 30_000): Promise<void> {
  const lastly = performance.now() + limitMs;
  while ((await answerOf(address)) === undefined) {
    if (performance.now() > lastly) throw new Error(`waited ${limitMs} ms for ${what}`);
    await pause(20);
  }
}
