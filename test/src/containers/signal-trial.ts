import { Held } from './held.js';
import { imageOf } from './images/service-images.js';
import { ServiceContainer } from './service-container.js';
import type { SignalRow, SignalVerdict } from './signal-rows.js';

/** Of `docker stop`, in seconds: for who is expected to do nothing until then, and for everybody else. */
const shortS = 5;
const longS = 60;
/** No lame-duck, so that what happens at the signal happens at once. */
const DRAIN = JSON.stringify({ delayMs: 0, requestsMs: 30_000 });

/** What came of a row. */
export interface SignalOutcome {
  readonly verdict: SignalVerdict;
  readonly exitCode: number;
  /** From `docker stop` to the exit. */
  readonly ms: number;
  /** Everything that it printed, for whoever has to find out why. */
  readonly output: string;
}

/** Make the image, start it, stop it while a request is in flight, and look. */
export async function tryRow(row: SignalRow): Promise<SignalOutcome> {
  const image = await imageOf(row.write);
  await using service = await ServiceContainer.ready({
    image,
    env: { DRAIN },
    host: row.init ? { Init: true } : {},
  });
  using held = await Held.at(service);
  const timeoutS = row.verdict === 'ignored' ? shortS : longS;
  const begun = performance.now();
  service.terminate(timeoutS);
  const exit = service.exit();
  // What ends too early ends in the middle of a request that takes its time, however much it has to clear away itself.
  if (row.verdict !== 'cut') {
    // It drains, or has ended without.
    const heard = await Promise.race([service.state('draining').catch(() => {}), exit.then(() => undefined)]);
    if (heard) await held.release();
  }
  const { code, at } = await exit;
  const ms = at - begun;
  await held.exchange.settled();
  const answered = held.exchange.fate === 'answered';
  return { verdict: verdictOf(answered, ms >= timeoutS * 1_000), exitCode: code, ms, output: service.output };
}

function verdictOf(answered: boolean, wasKilled: boolean): SignalVerdict {
  if (answered) return 'graceful';
  return wasKilled ? 'ignored' : 'cut';
}
