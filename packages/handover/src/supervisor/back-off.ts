/** Between two starts of a process that crashes, in milliseconds: 1 s, and half as much again each time, up to 30 s. */
const firstMs = 1_000;
const growth = 1.5;
const longestMs = 30_000;
/** A process that served this long has nothing to do with the crashes before it, in milliseconds. */
const healthyMs = 60_000;

/** How often a process has crashed in a row. */
export interface Crashes {
  readonly inRow: number;
}

export const none: Crashes = { inRow: 0 };

/**
 * What a crash comes to: the first is mended at once, for most are alone.
 *
 * @param servedMs - how long the process had served
 */
export function afterCrash({ inRow }: Crashes, servedMs: number): { crashes: Crashes; delayMs: number } {
  if (servedMs >= healthyMs || inRow === 0) return { crashes: { inRow: 1 }, delayMs: 0 };
  return {
    crashes: { inRow: inRow + 1 },
    delayMs: Math.min(longestMs, firstMs * growth ** (inRow - 1)),
  };
}
