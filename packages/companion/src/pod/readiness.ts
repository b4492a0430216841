import type { Instance } from './instance.js';
import type { Pod } from './pod.js';

/** What a probe is told. */
export interface Readiness {
  readonly isReady: boolean;
  /** Why not: a line for each name that is waited for. */
  readonly waitsFor: readonly string[];
}

/** Whether somebody listens on a port, by the kernel's word; `undefined` where it cannot be asked. */
export type Listens = (port: number) => boolean | undefined;

/**
 * Whether the pod, or one container of it, is to get traffic: each name that
 * is known has somebody who is ready.
 *
 * While the platform ends the pod, those who only announce that they leave
 * still count: it has taken the pod out of its balancers by itself, and may
 * come back to it where there is nobody else (KEP-1669).
 */
export function readinessOf(pod: Pod, listens: Listens, container?: string): Readiness {
  const names = new Map<string, Instance[]>();
  for (const instance of pod.instances) {
    if (container !== undefined && instance.container !== container) continue;
    names.set(instance.name, [...(names.get(instance.name) ?? []), instance]);
  }
  const waitsFor: string[] = [];
  let known = 0;
  for (const [name, instances] of names) {
    if (!isRequired(instances)) continue;
    known++;
    if (instances.some((one) => isServing(pod, one, listens))) continue;
    waitsFor.push(whyNot(name, instances));
  }
  if (known === 0) {
    const who = container === undefined ? 'no instance' : `no instance in container ${container}`;
    waitsFor.push(`${who} has registered, and none is expected`);
  }
  const order = pod.drains.find(({ reason, scope }) => reason !== 'pod' && scope === undefined);
  if (order) waitsFor.unshift(`the pod leaves (${order.reason})`);
  return { isReady: waitsFor.length === 0, waitsFor };
}

/** Whether it has been ready once, or looks as if. */
export function hasStarted(pod: Pod, listens: Listens, container: string): Readiness {
  const there = pod.instances.filter((one) => one.container === container && !one.isGone);
  const started = there.some((one) => one.wasReady || (one.state === 'expected' && listensAll(one, listens)));
  return started
    ? { isReady: true, waitsFor: [] }
    : { isReady: false, waitsFor: [`nobody in container ${container} has been ready yet`] };
}

/** Of those that nobody expects, one that has left in order is missed by nobody. */
function isRequired(instances: readonly Instance[]): boolean {
  const last = instances.at(-1);
  return (
    instances.some((one) => one.isExpected || one.isLive) ||
    last?.state === 'crashed' ||
    last?.state === 'killed'
  );
}

function isServing(pod: Pod, instance: Instance, listens: Listens): boolean {
  if (instance.hadStream && !instance.isConnected) return false;
  switch (instance.state) {
    case 'ready':
      return true;
    case 'lame-duck':
      return pod.ending?.reason === 'pod';
    case 'expected':
      // It may know nothing of a companion: then its ports speak for it.
      return listensAll(instance, listens);
    case 'starting':
    case 'not-ready':
    case 'draining':
    case 'closing':
    case 'drained':
    case 'exited':
    case 'crashed':
    case 'lost':
    case 'killed':
      return false;
  }
}

function listensAll({ ports }: Instance, listens: Listens): boolean {
  return ports.length > 0 && ports.every((port) => listens(port) === true);
}

function whyNot(name: string, instances: readonly Instance[]): string {
  const last = instances.findLast((one) => one.isLive) ?? instances.at(-1);
  if (last?.state === 'expected') {
    const ports = last.ports.length > 0 ? `, and nobody listens on port ${last.ports.join(', ')}` : '';
    return `${name} has not registered${ports}`;
  }
  const reason = last?.reason === undefined ? '' : `: ${last.reason}`;
  return `${name} is ${last?.state ?? 'unknown'}${reason}`;
}
