import { type Container, only, type Named, type Probe } from './manifest.js';

/** What one departure may take by these manifests, in seconds, in the order in which it happens. */
export interface Departure {
  /** Before SIGTERM: at least, and at most. */
  readonly preStop: { readonly least: number; readonly most: number };
  /** `drain.delayMs`. */
  readonly lameDuck: number;
  /** `drain.requestsMs`. */
  readonly requests: number;
  /** `drain.hooksMs`. */
  readonly hooks: number;
  /** Native sidecars, which end after the service. */
  readonly sidecars: number;
  /** What the kubelet's own arithmetic may take. */
  readonly margin: number;
  /** `terminationGracePeriodSeconds`. */
  readonly grace: number;
}

/** How long a companion takes to end once nobody is left whom it waits for, generously. */
const companionStop = 2;

/**
 * The kubelet truncates what a preStop took to whole seconds, which may be 1 s
 * too few, and gives at least 2 s between SIGTERM and SIGKILL (killContainer
 * and minimumGracePeriodInSeconds in pkg/kubelet/kuberuntime): time that the
 * service must not count on.
 */
const kubeletMargin = 3;

/** The budgets that the service reads from its ConfigMap. */
export interface Drain {
  readonly delayMs: number;
  readonly requestsMs: number;
  readonly hooksMs: number;
}

export function drainOf(manifests: readonly Named[]): Drain {
  const { data } = only('ConfigMap', manifests);
  return (JSON.parse(data['config.json'] ?? '{}') as { drain: Drain }).drain;
}

/** The one container that serves. */
export function serviceOf(manifests: readonly Named[]): Container {
  const [service, ...others] = only('Deployment', manifests).spec.template.spec.containers;
  if (service === undefined || others.length > 0) throw new Error('Expected one container that serves.');
  return service;
}

/** The containers that run beside the service and end after it. */
export function sidecarsOf(manifests: readonly Named[]): readonly Container[] {
  const { initContainers = [] } = only('Deployment', manifests).spec.template.spec;
  return initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
}

/** The value of `--name=value` in a container's arguments. */
export function argumentOf(container: Container | undefined, name: string): string | undefined {
  return container?.args?.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
}

export function departureOf(manifests: readonly Named[]): Departure {
  const drain = drainOf(manifests);
  const sidecars = sidecarsOf(manifests);
  return {
    preStop: preStopOf(serviceOf(manifests), sidecars),
    lameDuck: drain.delayMs / 1_000,
    requests: drain.requestsMs / 1_000,
    hooks: drain.hooksMs / 1_000,
    sidecars: sidecars.length * companionStop,
    margin: kubeletMargin,
    grace: only('Deployment', manifests).spec.template.spec.terminationGracePeriodSeconds,
  };
}

function preStopOf({ lifecycle }: Container, sidecars: readonly Container[]): Departure['preStop'] {
  const { preStop } = lifecycle ?? {};
  if (preStop === undefined) return { least: 0, most: 0 };
  if (preStop.sleep) return { least: preStop.sleep.seconds, most: preStop.sleep.seconds };
  const companion = sidecars.find(({ name }) => name === 'companion');
  if (preStop.httpGet?.path.startsWith('/hold') !== true || companion === undefined)
    throw new Error(`Expected a preStop that is known here, got ${JSON.stringify(preStop)}.`);
  return { least: holdSeconds(companion, 'min'), most: holdSeconds(companion, 'max') };
}

function holdSeconds(companion: Container, bound: 'min' | 'max'): number {
  const text = argumentOf(companion, `hold-${bound}-ms`);
  if (text === undefined) throw new Error(`Expected the companion to be told --hold-${bound}-ms.`);
  return Number(text) / 1_000;
}

/** All that it may take. */
export function longest({ preStop, lameDuck, requests, hooks, sidecars, margin }: Departure): number {
  return preStop.most + lameDuck + requests + hooks + sidecars + margin;
}

/** The sum as a person would write it down. */
export function sumOf(departure: Departure): string {
  const { preStop, lameDuck, requests, hooks, sidecars, margin, grace } = departure;
  const terms = { preStop: preStop.most, delay: lameDuck, requests, hooks, sidecars, kubelet: margin };
  const named = Object.entries(terms).filter(([, seconds]) => seconds > 0);
  const sum = longest(departure);
  return `${named.map(([name, seconds]) => `${name} ${seconds}`).join(' + ')} = ${sum} ${sum <= grace ? '<=' : '>'} ${grace}`;
}

/** From a failure to the moment in which the kubelet believes it, at most, in seconds. */
export function noticedIn({ periodSeconds, failureThreshold, timeoutSeconds }: Probe): number {
  return periodSeconds * failureThreshold + timeoutSeconds;
}
