import type { RestartPolicy } from '../spec/pod-spec.js';

/** How long the kubelet waits before it starts a container once more. */
export interface RestartBackOff {
  /**
   * Before the second restart, in milliseconds; the first comes at once, and each further one waits twice as long.
   *
   * @defaultValue 10_000
   */
  readonly firstMs: number;
  /**
   * At most, in milliseconds.
   *
   * @defaultValue 300_000
   */
  readonly mostMs: number;
}

/** As the kubelet has it: 10 s, 20 s, 40 s, … up to five minutes. */
export const kubeletBackOff: RestartBackOff = { firstMs: 10_000, mostMs: 300_000 };

/** How often in a row a container had to be restarted. */
export interface Restarts {
  readonly inRow: number;
}

/**
 * When a container that has exited is started again.
 *
 * @param ranMs - how long it had run: after twice the longest wait, what was before is forgotten
 */
export function afterExit(
  { inRow }: Restarts,
  ranMs: number,
  { firstMs, mostMs }: RestartBackOff,
): { readonly restarts: Restarts; readonly delayMs: number } {
  if (inRow === 0 || ranMs >= 2 * mostMs) return { restarts: { inRow: 1 }, delayMs: 0 };
  return { restarts: { inRow: inRow + 1 }, delayMs: Math.min(mostMs, firstMs * 2 ** (inRow - 1)) };
}

/** Whether it is started again at all. */
export function isRestarted(
  role: 'main' | 'sidecar' | 'init',
  policy: RestartPolicy,
  exit: { readonly success: boolean; readonly byProbe: boolean },
): boolean {
  if (role === 'sidecar') return true;
  // One that runs to its end has reached it.
  if (role === 'init' && exit.success) return false;
  switch (policy) {
    case 'Always':
      return true;
    case 'OnFailure':
      return !exit.success || exit.byProbe;
    case 'Never':
      return false;
  }
}
