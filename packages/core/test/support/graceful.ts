import { onTestFinished } from 'vitest';
import { createGraceful } from '../../src/create-graceful.js';
import type { Graceful } from '../../src/graceful.js';
import type { GracefulOptions } from '../../src/options.js';

/**
 * A graceful that keeps its hands off the process and off standard output,
 * and is uninstalled when the test is over.
 */
export function quietGraceful(options: GracefulOptions = {}): Graceful {
  const graceful = createGraceful({ logger: false, signals: [], exit: false, ...options });
  onTestFinished(() => graceful.uninstall());
  return graceful;
}

/** What `call` throws or rejects with. */
export async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('Expected it to throw');
}
