/**
 * Both generations serve for `overlapMs`. Resolves with what came of the new
 * one meanwhile, or with nothing when the time is over.
 */
export async function overlap<Failed>(
  overlapMs: number,
  fails: Promise<Failed>,
): Promise<Failed | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    // A turn later: of an exit meanwhile this process may not have heard yet, if it was busy.
    timer = setTimeout(() => setImmediate(resolve, undefined), overlapMs);
  });
  try {
    return await Promise.race([over, fails]);
  } finally {
    clearTimeout(timer);
  }
}
