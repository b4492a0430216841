import type { ProbeKind } from '../spec/resolve.js';

/** Why a pod ends. */
export type TerminationReason = 'deleted' | 'evicted' | 'node-shutdown' | 'completed';

/** Something that happens to a pod as a whole. */
export type PodHappening =
  | { readonly type: 'created' }
  /** The condition Ready. */
  | { readonly type: 'ready' | 'not-ready' }
  /** Its termination begins, or goes on with less time than it was granted before. */
  | {
      readonly type: 'terminating' | 'shortened';
      readonly reason: TerminationReason;
      readonly graceSeconds: number;
    }
  | { readonly type: 'ended'; readonly phase: 'Succeeded' | 'Failed' };

/** Something that happens to one container. */
export type ContainerHappening =
  | { readonly type: 'started'; readonly id: string; readonly restarts: number }
  | { readonly type: 'start-failed'; readonly message: string }
  | { readonly type: 'probe-passed' | 'probe-failed'; readonly probe: ProbeKind }
  /** One answer that was a failure, whether it came to anything or not. */
  | { readonly type: 'unhealthy'; readonly probe: ProbeKind; readonly message: string }
  /** It is ended alone, and started again. */
  | { readonly type: 'killing'; readonly probe: ProbeKind; readonly graceSeconds: number }
  | { readonly type: 'pre-stop'; readonly does: 'exec' | 'httpGet' | 'sleep' }
  /** `abandoned`: the grace is spent, and it goes on with nobody waiting. */
  | {
      readonly type: 'pre-stop-ended';
      readonly result: 'done' | 'failed' | 'abandoned' | 'superseded';
      readonly message?: string;
      readonly graceSeconds: number;
    }
  /** A sidecar is told to end: those it had to wait for have ended, or the grace is spent. */
  | { readonly type: 'turn'; readonly expired: boolean; readonly graceSeconds: number }
  /** It is told to end, and has so long. */
  | { readonly type: 'signal'; readonly signal: NodeJS.Signals; readonly graceSeconds: number }
  /** SIGKILL. */
  | { readonly type: 'killed' }
  | { readonly type: 'exited'; readonly code: number; readonly signal?: NodeJS.Signals }
  | { readonly type: 'back-off'; readonly delayMs: number };

/** Whom a container tells. */
export type Tell = (happening: ContainerHappening) => void;

/** An instant of a pod's life; `describeEvent` makes a line of it. */
export type PodEvent = { readonly atMs: number; readonly pod: string } & (
  | PodHappening
  | (ContainerHappening & { readonly container: string })
);

/** What has happened, in order; times are milliseconds since the node began. */
export class Timeline {
  readonly #events: PodEvent[] = [];
  readonly #watchers = new Set<(event: PodEvent) => void>();
  readonly #zero: number;

  constructor(zero: number) {
    this.#zero = zero;
  }

  /** Everything so far. */
  get events(): readonly PodEvent[] {
    return this.#events;
  }

  get nowMs(): number {
    return performance.now() - this.#zero;
  }

  ofPod(pod: string, happening: PodHappening): void {
    this.#add({ atMs: this.nowMs, pod, ...happening });
  }

  ofContainer(pod: string, container: string, happening: ContainerHappening): void {
    this.#add({ atMs: this.nowMs, pod, container, ...happening });
  }

  watch(watcher: (event: PodEvent) => void): Disposable {
    this.#watchers.add(watcher);
    return { [Symbol.dispose]: () => void this.#watchers.delete(watcher) };
  }

  #add(event: PodEvent): void {
    this.#events.push(event);
    for (const watcher of this.#watchers) watcher(event);
  }
}

/** An event as a line for people: `  1.204 s  orders-1/app  signal SIGTERM, 28 s`. */
export function describeEvent(event: PodEvent): string {
  const who = 'container' in event ? `${event.pod}/${event.container}` : event.pod;
  return `${(event.atMs / 1_000).toFixed(3).padStart(8)} s  ${who}  ${wordsOf(event)}`;
}

function wordsOf(event: PodEvent): string {
  switch (event.type) {
    case 'created':
    case 'ready':
    case 'not-ready':
    case 'killed':
      return event.type;
    case 'terminating':
    case 'shortened':
      return `${event.type}: ${event.reason}, ${event.graceSeconds} s`;
    case 'ended':
      return `ended: ${event.phase}`;
    case 'started':
      return event.restarts === 0
        ? `started (${event.id})`
        : `started (${event.id}), restart ${event.restarts}`;
    case 'start-failed':
      return `cannot be started: ${event.message}`;
    case 'probe-passed':
    case 'probe-failed':
      return `${event.type}: ${event.probe}`;
    case 'unhealthy':
      return `${event.probe} probe: ${event.message}`;
    case 'killing':
      return `ended because of its ${event.probe} probe, ${event.graceSeconds} s`;
    case 'pre-stop':
      return `preStop: ${event.does}`;
    case 'pre-stop-ended':
      return `preStop ${event.result}, ${event.graceSeconds} s left${event.message === undefined ? '' : `: ${event.message}`}`;
    case 'turn':
      return event.expired ? 'its turn: the grace is spent' : `its turn, ${event.graceSeconds} s left`;
    case 'signal':
      return `${event.signal}, ${event.graceSeconds} s to SIGKILL`;
    case 'exited':
      return `exited: ${event.signal ?? event.code}`;
    case 'back-off':
      return `started again in ${event.delayMs} ms`;
  }
}
