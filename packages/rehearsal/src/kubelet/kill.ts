import { graceLeft, stopSeconds } from '../rules/grace.js';
import { terminationOrder } from '../rules/order.js';
import type { Container } from './container.js';
import { endsWithin } from './pause.js';
import { runPreStop } from './pre-stop.js';
import type { Tell } from './timeline.js';

/** How one container is ended. */
export interface Kill {
  readonly graceSeconds: number;
  /** Those that have to end before it is told to. */
  readonly waitsFor: readonly Promise<void>[];
  /** It is not started any more once it has been told to end. */
  readonly forGood: boolean;
  /** The same begins anew with less time, or there is something greater to end. */
  readonly signal: AbortSignal;
  /** The pod is no more. */
  readonly over: AbortSignal;
  readonly tell: Tell;
}

/**
 * End one container: its hook, its turn, the signal, SIGKILL. The clock runs
 * from before the hook, and everything takes from the same grace.
 */
export async function kill(
  container: Container,
  { graceSeconds, waitsFor, forGood, signal, over, tell }: Kill,
): Promise<void> {
  let left = graceSeconds;
  if (signal.aborted) return;
  if (left > 0) left = await afterPreStop(container, left, { signal, over, tell });
  if (signal.aborted) return;
  if (waitsFor.length > 0 && left > 0) {
    const beganAt = performance.now();
    const inTime = await endsWithin(left * 1_000, Promise.all(waitsFor), signal);
    if (signal.aborted) return;
    left = graceLeft(left, performance.now() - beganAt);
    tell({ type: 'turn', expired: !inTime, graceSeconds: left });
  }
  if (forGood) {
    container.endForGood();
    // One that crashed may be just about to run once more.
    await container.settled();
  }
  await container.stop(stopSeconds(left), signal);
}

/** What is left when the hook is done, or when there is nothing left to wait with. */
async function afterPreStop(
  container: Container,
  graceSeconds: number,
  { signal, over, tell }: Pick<Kill, 'signal' | 'over' | 'tell'>,
): Promise<number> {
  const { preStop } = container.spec;
  const running = container.instance?.container;
  if (preStop === undefined || running === undefined) return graceSeconds;
  const beganAt = performance.now();
  // One that is abandoned goes on; one that another takes the place of does not.
  const ended = new AbortController();
  for (const reason of [signal, over]) reason.addEventListener('abort', () => ended.abort(), { once: true });
  tell({ type: 'pre-stop', does: preStop.does });
  const hook = runPreStop(preStop, running, ended.signal);
  const inTime = await endsWithin(graceSeconds * 1_000, hook.ended, signal);
  const left = graceLeft(graceSeconds, performance.now() - beganAt);
  if (signal.aborted) tell({ type: 'pre-stop-ended', result: 'superseded', graceSeconds: left });
  else if (!inTime) tell({ type: 'pre-stop-ended', result: 'abandoned', graceSeconds: left });
  else {
    const message = await hook.ended;
    const outcome =
      message === undefined ? ({ result: 'done' } as const) : ({ result: 'failed', message } as const);
    tell({ type: 'pre-stop-ended', ...outcome, graceSeconds: left });
  }
  return left;
}

/** How all containers of a pod are ended. */
export interface KillTogether {
  readonly graceSeconds: number;
  readonly signal: AbortSignal;
  readonly over: AbortSignal;
  readonly tellerOf: (container: Container) => Tell;
}

/** End all of them: their hooks and mains at the same time, sidecars when it is their turn. */
export async function killTogether(
  { mains, inits }: { readonly mains: readonly Container[]; readonly inits: readonly Container[] },
  { graceSeconds, signal, over, tellerOf }: KillTogether,
): Promise<void> {
  const all = [...mains, ...inits];
  const order = terminationOrder(
    mains.map(({ spec }) => spec),
    inits.map(({ spec }) => spec),
  );
  const ends = new Map(all.map((container) => [container.name, gate()] as const));
  // Nobody waits for one that does not run.
  for (const { name, instance } of all) if (instance === undefined) ends.get(name)?.open();
  await Promise.all(
    all.map(async (container) => {
      const waitsFor = (order.get(container.name) ?? []).flatMap((name) => ends.get(name)?.opened ?? []);
      await kill(container, {
        graceSeconds,
        waitsFor,
        forGood: true,
        signal,
        over,
        tell: tellerOf(container),
      });
      ends.get(container.name)?.open();
    }),
  );
}

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
