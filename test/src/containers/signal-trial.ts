import { Held } from './held.js';
import { imageOf } from './images/service-images.js';
import { ServiceContainer } from './service-container.js';
import type { SignalRow, SignalVerdict } from './signal-rows.js';

/** Of `docker stop`, in seconds: several times what anything here takes on a busy machine. */
const stopTimeoutS = 6;
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
  const image = await imageOf('row', row.write);
  await using service = await ServiceContainer.ready({
    image,
    env: { DRAIN },
    host: row.init ? { Init: true } : {},
  });
  using held = await Held.at(service);
  const begun = performance.now();
  service.terminate(stopTimeoutS);
  const exit = service.exit();
  if (!row.long) {
    // It drains, or has ended without.
    const heard = await Promise.race([service.state('draining').catch(() => {}), exit.then(() => undefined)]);
    if (heard) await held.release();
  }
  const { code, at } = await exit;
  const ms = at - begun;
  await held.exchange.settled();
  const answered = held.exchange.fate === 'answered';
  return { verdict: verdictOf(answered, ms), exitCode: code, ms, output: service.output };
}

function verdictOf(answered: boolean, ms: number): SignalVerdict {
  if (answered) return 'graceful';
  return ms >= stopTimeoutS * 1_000 ? 'ignored' : 'cut';
}
