/** Resolves after `ms`, or as soon as one of `signals` is aborted; it never rejects. */
export function pause(ms: number, ...signals: readonly AbortSignal[]): Promise<void> {
  if (signals.some((signal) => signal.aborted)) return Promise.resolve();
  const due = performance.now() + ms;
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout;
    const done = (): void => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener('abort', done);
      resolve();
    };
    // A timer of Node may be a fraction of a millisecond early, and of a second that is not whole nothing counts.
    const look = (): void => {
      const left = due - performance.now();
      if (left <= 0) done();
      else timer = setTimeout(look, Math.ceil(left));
    };
    timer = setTimeout(look, Math.ceil(ms));
    for (const signal of signals) signal.addEventListener('abort', done);
  });
}

/**
 * Whether `work` came to its end, a good one or not, before `ms` had passed or
 * `signal` was aborted. Nothing is done to it where it did not.
 */
export async function endsWithin(ms: number, work: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const ended = work.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([ended, pause(ms, signal, over.signal).then(() => false)]);
  } finally {
    over.abort();
  }
}

/** Resolves when `signal` is aborted. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
