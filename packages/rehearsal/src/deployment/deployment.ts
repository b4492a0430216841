import { RehearsalError } from '../rehearsal-error.js';
import type { Kubelet, PodTemplate } from '../kubelet/node.js';
import { pause } from '../kubelet/pause.js';
import type { Pod, PodEnd } from '../kubelet/pod.js';
import type { Service } from '../network/service.js';
import { type Bounds, boundsOf, type CountOrPercent, nextStep, type RollStep } from '../rules/rolling.js';
import { known, label, whole } from '../spec/checks.js';

/** How many pods of which kind there are to be: the fields of a Deployment (apps/v1). */
export interface DeploymentOptions {
  /** Its pods are called by it. */
  readonly name: string;
  /**
   * How many there are to be.
   *
   * @defaultValue 1
   */
  readonly replicas?: number;
  /** What each pod is. */
  readonly template: PodTemplate;
  /** How many pods there may be too many, and too few, while they are replaced; 25 % each where it is not said. */
  readonly rollingUpdate?: {
    /** A percentage is rounded up. @defaultValue '25%' */
    readonly maxSurge?: CountOrPercent;
    /** A percentage is rounded down. @defaultValue '25%' */
    readonly maxUnavailable?: CountOrPercent;
  };
  /**
   * How long a pod must be ready until it counts as available.
   *
   * @defaultValue 0
   */
  readonly minReadySeconds?: number;
  /**
   * After so long without any progress it is given up.
   *
   * @defaultValue 600
   */
  readonly progressDeadlineSeconds?: number;
  /** Services that select its pods. */
  readonly services?: readonly Service[];
}

/** What came of a replacement. */
export interface Rolled {
  /** Those that were replaced, in the order in which they were deleted. */
  readonly replaced: readonly { readonly pod: Pod; readonly end: PodEnd }[];
  /** From the begin until the last old pod had ended, in milliseconds. */
  readonly durationMs: number;
  /** At the worst, so many pods were available. */
  readonly leastAvailable: number;
}

interface Member {
  readonly pod: Pod;
  readonly revision: number;
  readySince: number | undefined;
  readonly watch: Disposable;
}

/**
 * Makes so many pods, and replaces them one after the other as the deployment
 * controller does: no more and no fewer at a time than the strategy allows. It
 * looks at the pods alone; what the network believes of them it does not know.
 * A pod that ends by itself is replaced while `start()` or `roll()` goes on, and not in between.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
 */
export class Deployment {
  readonly #kubelet: Kubelet;
  readonly #name: string;
  readonly #replicas: number;
  readonly #bounds: Bounds;
  readonly #minReadyMs: number;
  readonly #progressMs: number;
  readonly #services: readonly Service[];
  readonly #members = new Set<Member>();
  readonly #changes = new Set<() => void>();
  #template: PodTemplate;
  #revision = 1;
  #made = 0;

  /** @throws RehearsalError `ERR_REHEARSAL_SPEC` */
  constructor(kubelet: Kubelet, options: DeploymentOptions) {
    known('the options of a deployment', options, [
      'name',
      'replicas',
      'template',
      'rollingUpdate',
      'minReadySeconds',
      'progressDeadlineSeconds',
      'services',
    ]);
    const { rollingUpdate = {}, services = [], template } = options;
    known('`rollingUpdate`', rollingUpdate, ['maxSurge', 'maxUnavailable']);
    this.#kubelet = kubelet;
    this.#name = label('the name of a deployment', options.name);
    this.#replicas = whole('`replicas`', options.replicas, 1, 1);
    this.#bounds = boundsOf(
      this.#replicas,
      rollingUpdate.maxSurge ?? '25%',
      rollingUpdate.maxUnavailable ?? '25%',
    );
    this.#minReadyMs = whole('`minReadySeconds`', options.minReadySeconds, 0, 0) * 1_000;
    this.#progressMs = whole('`progressDeadlineSeconds`', options.progressDeadlineSeconds, 1, 600) * 1_000;
    this.#services = services;
    this.#template = template;
  }

  /** Its pods that have not been deleted, old ones first. */
  get pods(): readonly Pod[] {
    return [...this.#members].map(({ pod }) => pod);
  }

  /**
   * Make its pods; resolves when all are available.
   *
   * @throws RehearsalError `ERR_REHEARSAL_PROGRESS`, `ERR_REHEARSAL_SPEC`
   */
  async start(): Promise<void> {
    await this.#reconcile(() => {});
  }

  /**
   * Replace all pods; resolves when the last old one has ended.
   *
   * @param template - what the new ones are; what the old ones were, where none is given: a restart
   * @throws RehearsalError `ERR_REHEARSAL_PROGRESS`, `ERR_REHEARSAL_SPEC`
   */
  async roll(template: PodTemplate = this.#template): Promise<Rolled> {
    const beganAt = performance.now();
    this.#template = template;
    this.#revision++;
    const deleted: { readonly pod: Pod; readonly end: Promise<PodEnd> }[] = [];
    const leastAvailable = await this.#reconcile((pod) => void deleted.push({ pod, end: pod.delete() }));
    const replaced = await Promise.all(deleted.map(async ({ pod, end }) => ({ pod, end: await end })));
    return { replaced, durationMs: performance.now() - beganAt, leastAvailable };
  }

  /** Delete all pods; resolves when they have ended. */
  async scaleToZero(): Promise<readonly PodEnd[]> {
    const pods = [...this.#members];
    return Promise.all(
      pods.map((member) => {
        this.#forget(member);
        return member.pod.delete();
      }),
    );
  }

  /** Step by step, until there are as many as wanted, all of the current template and available. */
  async #reconcile(remove: (pod: Pod) => void): Promise<number> {
    let leastAvailable = Number.POSITIVE_INFINITY;
    let progressAt = performance.now();
    let seen = '';
    for (;;) {
      this.#clean();
      const counts = this.#counts();
      const available = counts.freshAvailable + counts.oldAvailable;
      leastAvailable = Math.min(leastAvailable, available);
      if (counts.old === 0 && counts.fresh === this.#replicas && counts.freshAvailable === this.#replicas)
        return leastAvailable;
      const state = JSON.stringify(counts);
      if (state !== seen) progressAt = performance.now();
      seen = state;
      const step = nextStep(counts, this.#bounds);
      if (step.create + step.removeAvailable + step.removeUnavailable > 0) await this.#take(step, remove);
      else await this.#untilChange(progressAt);
    }
  }

  async #take(step: RollStep, remove: (pod: Pod) => void): Promise<void> {
    for (let made = 0; made < step.create; made++) await this.#create();
    const old = [...this.#members].filter(({ revision }) => revision < this.#revision);
    const gone = [
      ...old.filter((member) => !this.#isAvailable(member)).slice(0, step.removeUnavailable),
      ...old.filter((member) => this.#isAvailable(member)).slice(0, step.removeAvailable),
    ];
    for (const member of gone) {
      this.#forget(member);
      remove(member.pod);
    }
  }

  async #create(): Promise<void> {
    const revision = this.#revision;
    const name = `${this.#name}-${revision}-${++this.#made}`;
    const pod = await this.#kubelet.run(this.#template, { name });
    const look = (): void => {
      const { ready } = pod.conditions;
      if (!ready) member.readySince = undefined;
      else member.readySince ??= performance.now();
      this.#changed();
    };
    const member: Member = { pod, revision, readySince: undefined, watch: pod.watch(look) };
    this.#members.add(member);
    for (const service of this.#services) service.select(pod);
    look();
  }

  #forget(member: Member): void {
    this.#members.delete(member);
    member.watch[Symbol.dispose]();
  }

  /** Whoever ended by itself is replaced. */
  #clean(): void {
    for (const member of this.#members) {
      const { gone, terminating } = member.pod.conditions;
      if (gone || terminating) this.#forget(member);
    }
  }

  #counts(): Parameters<typeof nextStep>[0] {
    const members = [...this.#members];
    const fresh = members.filter(({ revision }) => revision === this.#revision);
    const old = members.filter(({ revision }) => revision < this.#revision);
    const available = (those: readonly Member[]) =>
      those.filter((member) => this.#isAvailable(member)).length;
    return {
      replicas: this.#replicas,
      fresh: fresh.length,
      freshAvailable: available(fresh),
      old: old.length,
      oldAvailable: available(old),
    };
  }

  #isAvailable({ readySince }: Member): boolean {
    return readySince !== undefined && performance.now() - readySince >= this.#minReadyMs;
  }

  /** Until a pod tells something, or has been ready for long enough. */
  async #untilChange(progressAt: number): Promise<void> {
    const now = performance.now();
    const due = [...this.#members].flatMap(({ readySince }) =>
      readySince === undefined || now - readySince >= this.#minReadyMs ? [] : [readySince + this.#minReadyMs],
    );
    const deadline = progressAt + this.#progressMs;
    if (now >= deadline) throw this.#stuck();
    const changed = new AbortController();
    const wake = (): void => changed.abort();
    this.#changes.add(wake);
    await pause(Math.min(deadline, ...due) - now, changed.signal);
    this.#changes.delete(wake);
  }

  #changed(): void {
    for (const wake of this.#changes) wake();
  }

  #stuck(): RehearsalError {
    const waiting = [...this.#members].flatMap((member) =>
      this.#isAvailable(member) ? [] : [`${member.pod.name} (${lastWord(member.pod)})`],
    );
    return new RehearsalError(
      'ERR_REHEARSAL_PROGRESS',
      `Expected deployment "${this.#name}" to make progress within ${this.#progressMs / 1_000} s, got pods that are not available: ${waiting.join(', ')}.`,
    );
  }
}

function lastWord(pod: Pod): string {
  return pod.events.at(-1)?.type ?? 'nothing happened';
}
