/**
 * What `work` comes to, or the reason of `signal`, whichever is first: for
 * what cannot be taken back, such as a question to the system's resolver.
 */
export async function aborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop = () => {};
  const cut = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, cut]);
  } finally {
    signal.removeEventListener('abort', stop);
    // Whoever loses the race may still fail, and nobody listens any more.
    work.catch(() => {});
    cut.catch(() => {});
  }
}
