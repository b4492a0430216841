import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ShutdownReport } from '@graceful/core';
import type { ContainerSpec, Pod, PodIdentity, PodSpec } from '@graceful/rehearsal/kubelet';
import { gracefulCommand } from '../command-line/program.js';
import type { DrainConfig } from '../harness/protocol.js';
import { readLog } from '../harness/report.js';
import { wanted } from '../scenarios/scenario.js';

const node = process.env['GRACEFUL_TEST_NODE'] ?? process.execPath;
const companionPort = 9_901;

/** The port of a pod's service: pods have addresses of their own, but companions look at ports in the kernel's tables, which all pods here share. */
export function servicePort({ ip }: PodIdentity): number {
  const [, ...octets] = ip.split('.').map(Number);
  // Below the range that Linux gives to outgoing connections.
  return 21_000 + (octets.reduce((sum, octet) => sum * 251 + octet, 0) % 11_000);
}

/** The service of a test: one of this package's, or another program that takes the same configuration. */
export interface ServicePlan {
  readonly drain: Partial<DrainConfig>;
  readonly graceSeconds: number;
  /** Of `src/services`. */
  readonly program?: string;
  /** What the container has besides. */
  readonly container?: Partial<ContainerSpec>;
}

/** Asked as often as Kubernetes can ask, and believed at once; with patience for a machine that does other work. */
export const quickReadiness = {
  httpGet: { path: '/readyz', port: 'http' },
  periodSeconds: 1,
  timeoutSeconds: 10,
  failureThreshold: 1,
} as const;

/** Where a program of this package is. */
export function programOf(name: string): string {
  return fileURLToPath(new URL(`../../dist/${name}.js`, import.meta.url));
}

/** The container of a service that knows nothing of pods. */
export function serviceContainer(
  pod: PodIdentity,
  { drain, program = 'services/core-http', container = {} }: ServicePlan,
): ContainerSpec {
  const port = servicePort(pod);
  const config = { ...wanted({ drain }), port, listeners: [{ host: pod.ip }] };
  return {
    name: 'app',
    command: [node, programOf(program)],
    env: [
      { name: 'NODE_ENV', value: 'production' },
      { name: 'GRACEFUL_TEST', value: JSON.stringify(config) },
    ],
    ports: [{ name: 'http', containerPort: port }],
    readinessProbe: quickReadiness,
    ...container,
  };
}

/** A pod with the service alone. */
export function plain(plan: ServicePlan): (pod: PodIdentity) => PodSpec {
  return (pod) => ({
    terminationGracePeriodSeconds: plan.graceSeconds,
    containers: [serviceContainer(pod, plan)],
  });
}

/** A pod whose main process holds the socket: `graceful run`, as PID 1 of the container would be. */
export function supervised(plan: ServicePlan): (pod: PodIdentity) => PodSpec {
  return (pod) => {
    const service = serviceContainer(pod, plan);
    const stopMs = (plan.graceSeconds - 2) * 1_000;
    const options = ['--listen', `http=${pod.ip}:${servicePort(pod)}`, '--no-control', '--overlap-ms', '200'];
    return {
      terminationGracePeriodSeconds: plan.graceSeconds,
      containers: [
        {
          ...service,
          command: gracefulCommand([
            'run',
            ...options,
            '--stop-ms',
            String(stopMs),
            '--',
            ...(service.command ?? []),
          ]),
        },
      ],
    };
  };
}

/** How long a companion holds the service's hook, in milliseconds. */
export interface HoldPlan {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * A pod whose service leaves together with a companion, a native sidecar.
 *
 * @param folder - for what the containers of a pod share
 */
export function accompanied(
  plan: ServicePlan,
  { minMs, maxMs }: HoldPlan,
  folder: string,
): (pod: PodIdentity) => PodSpec {
  return (pod) => {
    const place = join(folder, pod.name);
    mkdirSync(place, { recursive: true });
    const socket = { name: 'GRACEFUL_COMPANION', value: join(place, 'run', 'control.sock') };
    const { env = [], ...service } = serviceContainer(pod, { program: 'services/accompanied', ...plan });
    const options = {
      expect: `app:${servicePort(pod)}`,
      kubelet: `${pod.ip}:${companionPort}`,
      'grace-ms': plan.graceSeconds * 1_000,
      'hold-min-ms': minMs,
      'hold-quiet-ms': 500,
      'hold-max-ms': maxMs,
      'receipts-file': receiptsFile(folder, pod),
    };
    return {
      terminationGracePeriodSeconds: plan.graceSeconds,
      initContainers: [
        {
          name: 'companion',
          restartPolicy: 'Always',
          command: companion(
            ...Object.entries(options).map(([name, value]) => `--${name}=${value}`),
            '--no-termination-log',
          ),
          env: [
            socket,
            { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'POD_UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
          ],
          startupProbe: {
            httpGet: { path: '/livez', port: companionPort },
            periodSeconds: 1,
            failureThreshold: 30,
          },
          lifecycle: { preStop: { exec: { command: companion('prestop') } } },
        },
      ],
      containers: [
        {
          ...service,
          env: [...env, socket],
          lifecycle: { preStop: { httpGet: { path: '/hold?container=app', port: companionPort } } },
        },
      ],
    };
  };
}

function companion(...args: readonly string[]): readonly string[] {
  return gracefulCommand(['companion', ...args]);
}

/** Where the companion of a pod writes its receipts. */
export function receiptsFile(folder: string, { name }: { readonly name: string }): string {
  return join(folder, name, 'receipts.ndjson');
}

/** The reports in the log of a pod's service, in their order. */
export function reportsOf(pod: Pod): readonly ShutdownReport[] {
  return readLog(pod.logs('app')).reports;
}
