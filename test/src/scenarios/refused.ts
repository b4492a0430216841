import { setTimeout as pause } from 'node:timers/promises';
import { type Address, ConnectError } from '@graceful/conformance/client';
import type { Trial } from '../harness/trial.js';

/**
 * The state is announced before the listener closes, which it does once nobody
 * waits to be accepted: those who knock in between may still be let in.
 */
const knocks = 50;
const knockEveryMs = 10;

/** Nobody opens any more. */
export async function expectRefused(trial: Trial, address: Address): Promise<void> {
  for (let knock = 0; knock < knocks; knock++) {
    try {
      const connection = await trial.observers.connect(address);
      connection.close();
      await pause(knockEveryMs);
    } catch (error) {
      const code = error instanceof ConnectError ? error.code : String(error);
      // Accepted by the kernel, and never by the service.
      if (code === 'ECONNRESET') continue;
      trial.equal(code, 'ECONNREFUSED', 'a connection after the listener had closed');
      return;
    }
  }
  trial.check(false, 'connections were accepted after the listener had closed');
}
