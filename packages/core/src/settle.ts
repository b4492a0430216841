/**
 * Look again, a millisecond apart, until `done`, but for `looks` times at the
 * most. Counted, not timed: where a test holds the clock still, it ends too.
 */
export async function settled(done: () => boolean, looks: number): Promise<void> {
  for (let look = 0; look < looks && !done(); look++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
