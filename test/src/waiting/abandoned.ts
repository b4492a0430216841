import { waitFor } from '@graceful/companion/wait';

/**
 * Waits for its arguments, for hours; at SIGUSR2 no longer. Then it has nothing
 * more to do: should it not end by itself, something was left behind.
 */
const stop = new AbortController();
process.once('SIGUSR2', () => stop.abort(new Error('no longer wanted')));
try {
  await waitFor(process.argv.slice(2), {
    timeoutMs: 3_600_000,
    everyMs: 3_600_000,
    maxEveryMs: 3_600_000,
    attemptMs: 3_600_000,
    signal: stop.signal,
    onProgress: ({ target }) => void process.stdout.write(`looked at ${target}\n`),
  });
} catch (error) {
  process.stdout.write(`${(error as Error).message}\n`);
}
