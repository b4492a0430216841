/** Each pause is this much longer than the one before. */
const growth = 1.5;

/**
 * How long to wait after the `attempts`-th try, in milliseconds: longer each
 * time up to `maxEveryMs`, and somewhere in the upper half of that, so that a
 * hundred pods which were started together do not ask together.
 *
 * @param random - from 0 to 1, as of `Math.random()`
 */
export function pauseMs(
  attempts: number,
  { everyMs, maxEveryMs }: { readonly everyMs: number; readonly maxEveryMs: number },
  random: number,
): number {
  const whole = Math.min(maxEveryMs, everyMs * growth ** (attempts - 1));
  return whole * (0.5 + random / 2);
}
