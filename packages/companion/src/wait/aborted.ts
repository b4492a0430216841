/**
 * What `work` comes to, or the reason of `signal`, whichever is first: for
 * what cannot be taken back, such as a question to the system's resolver.
 */
export async function aborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  // Whoever loses the race may still fail, when nobody listens any more.
  work.catch(() => {});
  signal.throwIfAborted();
  const raced = new AbortController();
  try {
    const cut = new Promise<never>((_, reject) => {
      const stop = () => reject(signal.reason as Error);
      signal.addEventListener('abort', stop, { once: true, signal: raced.signal });
    });
    return await Promise.race([work, cut]);
  } finally {
    // Takes the listener away: the signal may live on.
    raced.abort();
  }
}
