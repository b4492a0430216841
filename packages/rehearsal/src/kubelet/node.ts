import { randomBytes, randomUUID } from 'node:crypto';
import { nodeShutdownGrace } from '../rules/grace.js';
import { kubeletBackOff, type RestartBackOff } from '../rules/restart.js';
import { ProcessRuntime } from '../runtime/process-runtime.js';
import type { Runtime } from '../runtime/runtime.js';
import { known, label, whole, wrong } from '../spec/checks.js';
import type { PodIdentity } from '../spec/environment.js';
import type { PodSpec } from '../spec/pod-spec.js';
import { resolvePod } from '../spec/resolve.js';
import { pause } from './pause.js';
import type { Pod, PodEnd } from './pod.js';
import { PodWorker } from './pod-worker.js';
import { type PodEvent, Timeline } from './timeline.js';

/** How a node runs its pods. */
export interface KubeletOptions {
  /**
   * What runs the containers.
   *
   * @defaultValue a process on this machine for each: `new ProcessRuntime()`
   */
  readonly runtime?: Runtime;
  /**
   * How long a container that exits again and again waits for its next start.
   *
   * @defaultValue as the kubelet has it: at once, then 10 s, 20 s, 40 s, … up to 300 s
   */
  readonly restartBackOff?: Partial<RestartBackOff>;
  /**
   * Start a native sidecar again that exits while its pod is ending, until it is its turn (KEP-753). Older kubelets do not.
   *
   * @defaultValue true
   */
  readonly restartSidecarsDuringTermination?: boolean;
  /**
   * `spec.nodeName` of its pods.
   *
   * @defaultValue 'node'
   */
  readonly nodeName?: string;
}

/** What a pod is called. */
export interface PodNames {
  /**
   * Its own on the node.
   *
   * @defaultValue 'pod-' and five characters
   */
  readonly name?: string;
  /**
   * What `metadata.namespace` says.
   *
   * @defaultValue 'default'
   */
  readonly namespace?: string;
}

/** How a node shuts down: the fields of KubeletConfiguration, in seconds (KEP-2000). */
export interface NodeShutdownOptions {
  /** For all pods together. */
  readonly shutdownGracePeriodSeconds: number;
  /**
   * Of that, for the critical ones, which leave when the others have.
   *
   * @defaultValue 0
   */
  readonly shutdownGracePeriodCriticalPodsSeconds?: number;
}

/** A pod's description, or what makes one of what only the pod knows: its name, its address. */
export type PodTemplate = PodSpec | ((pod: PodIdentity) => PodSpec);

/**
 * A node: starts pods, keeps them running, and ends them by the algorithm of
 * the kubelet, with its clock, its rounding and its order. Nothing is sped up:
 * a grace of 30 s is 30 s.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
 * @see https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/
 */
export class Kubelet implements AsyncDisposable {
  readonly #runtime: Runtime;
  readonly #backOff: RestartBackOff;
  readonly #restartSidecars: boolean;
  readonly #nodeName: string;
  readonly #timeline = new Timeline(performance.now());
  readonly #pods = new Map<string, PodWorker>();
  #shuttingDown = false;

  /** @throws RehearsalError `ERR_REHEARSAL_SPEC` */
  constructor(options: KubeletOptions = {}) {
    known('the options of Kubelet', options, [
      'runtime',
      'restartBackOff',
      'restartSidecarsDuringTermination',
      'nodeName',
    ]);
    const { runtime = new ProcessRuntime(), restartBackOff = {}, nodeName = 'node' } = options;
    known('`restartBackOff`', restartBackOff, ['firstMs', 'mostMs']);
    this.#runtime = runtime;
    this.#backOff = {
      firstMs: whole('`restartBackOff.firstMs`', restartBackOff.firstMs, 0, kubeletBackOff.firstMs),
      mostMs: whole('`restartBackOff.mostMs`', restartBackOff.mostMs, 0, kubeletBackOff.mostMs),
    };
    this.#restartSidecars = options.restartSidecarsDuringTermination ?? true;
    this.#nodeName = nodeName;
  }

  /** All pods that were started here, also those that have ended. */
  get pods(): readonly Pod[] {
    return [...this.#pods.values()];
  }

  /** All that has happened, in order; times are milliseconds since the node began. */
  get events(): readonly PodEvent[] {
    return this.#timeline.events;
  }

  /** Now, in the time of `events`. */
  get nowMs(): number {
    return this.#timeline.nowMs;
  }

  /** Hear of each event; disposing ends that. */
  watch(listener: (event: PodEvent) => void): Disposable {
    return this.#timeline.watch(listener);
  }

  /**
   * Start a pod; resolves when it has been taken, and `ready()` of it when it serves.
   *
   * @throws RehearsalError `ERR_REHEARSAL_SPEC` where the API would refuse it, `ERR_REHEARSAL_UNSUPPORTED`,
   * `ERR_REHEARSAL_GONE` on a node that shuts down
   */
  async run(template: PodTemplate, names: PodNames = {}): Promise<Pod> {
    known('the names of a pod', names, ['name', 'namespace']);
    const name = label(
      'the name of a pod',
      names.name ?? `pod-${randomBytes(4).toString('hex').slice(0, 5)}`,
    );
    if (this.#shuttingDown) throw wrong('a node that takes pods', 'one that shuts down');
    if (this.#pods.has(name)) throw wrong('a pod to have a name of its own on the node', name);
    const identity: PodIdentity = {
      name,
      namespace: names.namespace ?? 'default',
      uid: randomUUID(),
      ip: await this.#runtime.podIp(name),
      node: this.#nodeName,
    };
    const pod = new PodWorker({
      identity,
      spec: resolvePod(typeof template === 'function' ? template(identity) : template, identity),
      runtime: this.#runtime,
      timeline: this.#timeline,
      backOff: this.#backOff,
      restartSidecars: this.#restartSidecars,
    });
    this.#pods.set(name, pod);
    return pod;
  }

  /**
   * Shut the node down: all pods end, critical ones last. They get no
   * deletionTimestamp, so nothing but their readiness tells balancers of it.
   *
   * @see https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/
   */
  async shutdown(options: NodeShutdownOptions): Promise<readonly PodEnd[]> {
    known('the options of shutdown()', options, [
      'shutdownGracePeriodSeconds',
      'shutdownGracePeriodCriticalPodsSeconds',
    ]);
    const all = whole('`shutdownGracePeriodSeconds`', options.shutdownGracePeriodSeconds, 1, 0);
    const ofCritical = whole(
      '`shutdownGracePeriodCriticalPodsSeconds`',
      options.shutdownGracePeriodCriticalPodsSeconds,
      0,
      0,
    );
    if (all === 0 || ofCritical > all)
      throw wrong(
        '`shutdownGracePeriodSeconds` to be at least 1, and not less than what critical pods have of it',
        all,
      );
    this.#shuttingDown = true;
    const alive = [...this.#pods.values()].filter(({ conditions }) => !conditions.gone);
    for (const critical of [false, true]) {
      const group = alive.filter((pod) => pod.critical === critical);
      if (group.length > 0) await endGroup(group, critical ? ofCritical : all - ofCritical);
    }
    return Promise.all(alive.map(({ ended }) => ended));
  }

  /** SIGKILL to everything that is left: the end of a test, and not of a pod. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#pods.values()].map((pod) => pod.destroy()));
  }
}

/** The next group does not wait for this one beyond its time. */
async function endGroup(pods: readonly PodWorker[], seconds: number): Promise<void> {
  for (const pod of pods) pod.terminate('node-shutdown', nodeShutdownGrace(seconds, pod.graceSeconds));
  const over = new AbortController();
  const ended = Promise.all(pods.map(({ ended: end }) => end)).then(() => over.abort());
  await Promise.race([ended, pause(seconds * 1_000, over.signal)]);
}
