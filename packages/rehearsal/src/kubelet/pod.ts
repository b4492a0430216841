import type { PodConditions } from '../rules/endpoint.js';
import type { ContainerExit, NodeAddress } from '../runtime/runtime.js';
import type { PodEvent, TerminationReason } from './timeline.js';

/** How one container of a pod ended. */
export interface ContainerEnd {
  /** As the spec calls it. */
  readonly name: string;
  /** Of its last start; `undefined` where it was never started. */
  readonly exit: ContainerExit | undefined;
  /** The grace was spent, and it got SIGKILL. */
  readonly killed: boolean;
  /** How often it was started again. */
  readonly restarts: number;
}

/** How a pod ended. */
export interface PodEnd {
  /** As the spec of a pod's status has it. */
  readonly phase: 'Succeeded' | 'Failed';
  /** Why its termination began. */
  readonly reason: TerminationReason;
  /** What it was granted at last. */
  readonly graceSeconds: number;
  /** From the begin of its termination to the exit of its last container, in milliseconds. */
  readonly durationMs: number;
  /** Mains first, then those that ran before them, as they stand in the spec. */
  readonly containers: readonly ContainerEnd[];
}

/** A pod on a node. */
export interface Pod {
  /** Its name. */
  readonly name: string;
  /** Unlike its name, never given twice. */
  readonly uid: string;
  /** The address that its containers share. */
  readonly ip: string;
  /** What it tells of itself now. */
  readonly conditions: PodConditions;
  /** All that has happened to it, in order. */
  readonly events: readonly PodEvent[];
  /** Resolves when all its containers have ended and none is started any more. */
  readonly ended: Promise<PodEnd>;
  /**
   * Resolves when it is ready.
   *
   * @throws RehearsalError `ERR_REHEARSAL_START` when a container cannot be started, `ERR_REHEARSAL_GONE` when it ends
   */
  ready(): Promise<void>;
  /**
   * Resolves with the first event that matches, past or to come.
   *
   * @param what - for the error, should it end before
   * @throws RehearsalError `ERR_REHEARSAL_GONE` when it ends before
   */
  happens(what: string, matches: (event: PodEvent) => boolean): Promise<PodEvent>;
  /** Hears of each change of `conditions`; disposing ends that. */
  watch(listener: (conditions: PodConditions) => void): Disposable;
  /** Where `port`, or the port of that name, is reached from here; `undefined` while nobody runs that could listen. */
  address(port: number | string): NodeAddress | undefined;
  /** Everything that a container has printed, in all its starts. */
  logs(container: string): string;
  /** The container as the runtime calls it, such as its pid; `undefined` while it does not run. */
  idOf(container: string): string | undefined;
  /**
   * Delete it, as `kubectl delete pod` does. A second call can only take time away: it then begins anew with less,
   * with hooks and signals, as the kubelet does. With 0 it leaves the API at once; its containers still have 2 s.
   *
   * @param gracePeriodSeconds - instead of the pod's own
   */
  delete(options?: { readonly gracePeriodSeconds?: number }): Promise<PodEnd>;
  /**
   * Evict it, as a node under pressure does: without a deletionTimestamp, so that no EndpointSlice says that it is ending.
   *
   * @param maxPodGracePeriodSeconds - for a soft eviction; without it, it is a hard one and the grace is 1 s
   */
  evict(options?: { readonly maxPodGracePeriodSeconds?: number }): Promise<PodEnd>;
  /** Send a container's main process a signal behind the kubelet's back, as the kernel's OOM killer does. */
  signal(container: string, signal: NodeJS.Signals): void;
}
