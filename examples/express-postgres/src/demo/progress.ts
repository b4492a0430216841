import type { Tally } from './tally.js';

/** While the load runs, on a terminal: one line that counts. Disposing it takes the line away. */
export function showProgress(tally: Tally): Disposable {
  const { stdout } = process;
  if (!stdout.isTTY) return { [Symbol.dispose]() {} };
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const elapsed = ((performance.now() - startedAt) / 1_000).toFixed(1);
    stdout.write(
      `\r  ${`${elapsed} s`.padEnd(12)}${tally.answered.length} answered, ${tally.lost.length} lost`,
    );
  }, 100);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      stdout.write('\r\x1b[K');
    },
  };
}
