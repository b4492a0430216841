import { constants } from 'node:os';
import { known, label, list, oneOf, text, unsupported, whole, words, wrong } from './checks.js';
import { environmentOf, expand, type PodIdentity } from './environment.js';
import { type Handler, resolveHandler } from './handler.js';
import type { PodSpec, RestartPolicy } from './pod-spec.js';

/** A probe, with every default filled in. */
export interface ResolvedProbe {
  readonly kind: ProbeKind;
  readonly handler: Exclude<Handler, { readonly does: 'sleep' }>;
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
  /** When it is why the container is ended. */
  readonly graceSeconds: number | undefined;
}

/** What a probe is asked for. */
export type ProbeKind = 'startup' | 'readiness' | 'liveness';

/** A container, with every default filled in. */
export interface ResolvedContainer {
  readonly name: string;
  readonly role: 'main' | 'sidecar' | 'init';
  readonly image: string | undefined;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly workingDir: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: ReadonlyMap<string, number>;
  readonly preStop: Exclude<Handler, { readonly does: 'tcpSocket' }> | undefined;
  readonly stopSignal: NodeJS.Signals;
  readonly probes: readonly ResolvedProbe[];
}

/** A pod, with every default filled in: nothing below asks again. */
export interface ResolvedPod {
  readonly mains: readonly ResolvedContainer[];
  /** In their order; sidecars among them. */
  readonly inits: readonly ResolvedContainer[];
  readonly restartPolicy: RestartPolicy;
  readonly graceSeconds: number;
  readonly critical: boolean;
}

/** Of Kubernetes, and without meaning for how a pod lives and ends. */
const ignoredOfPods = [
  'activeDeadlineSeconds',
  'affinity',
  'automountServiceAccountToken',
  'dnsConfig',
  'dnsPolicy',
  'enableServiceLinks',
  'hostAliases',
  'hostIPC',
  'hostNetwork',
  'hostPID',
  'hostUsers',
  'hostname',
  'imagePullSecrets',
  'nodeName',
  'nodeSelector',
  'os',
  'overhead',
  'preemptionPolicy',
  'priority',
  'runtimeClassName',
  'schedulerName',
  'schedulingGates',
  'securityContext',
  'serviceAccount',
  'serviceAccountName',
  'setHostnameAsFQDN',
  'shareProcessNamespace',
  'subdomain',
  'tolerations',
  'topologySpreadConstraints',
  'volumes',
];
const ignoredOfContainers = [
  'imagePullPolicy',
  'resizePolicy',
  'resources',
  'securityContext',
  'stdin',
  'stdinOnce',
  'terminationMessagePath',
  'terminationMessagePolicy',
  'tty',
  'volumeDevices',
  'volumeMounts',
];
const podFields = [
  'containers',
  'initContainers',
  'restartPolicy',
  'terminationGracePeriodSeconds',
  'priorityClassName',
];
const containerFields = [
  'name',
  'image',
  'command',
  'args',
  'workingDir',
  'env',
  'ports',
  'lifecycle',
  'startupProbe',
  'readinessProbe',
  'livenessProbe',
];
const probeFields = [
  'exec',
  'httpGet',
  'tcpSocket',
  'grpc',
  'initialDelaySeconds',
  'periodSeconds',
  'timeoutSeconds',
  'successThreshold',
  'failureThreshold',
  'terminationGracePeriodSeconds',
];
const criticalClasses = ['system-node-critical', 'system-cluster-critical'];

/**
 * The pod that `spec` describes, with the API's defaults.
 *
 * @throws RehearsalError `ERR_REHEARSAL_SPEC` where the API would refuse it, `ERR_REHEARSAL_UNSUPPORTED`
 */
export function resolvePod(spec: PodSpec, pod: PodIdentity): ResolvedPod {
  known('the spec', spec, [...podFields, ...ignoredOfPods]);
  const graceSeconds = whole('`terminationGracePeriodSeconds`', spec.terminationGracePeriodSeconds, 0, 30);
  const names = new Set<string>();
  const containers = (field: 'containers' | 'initContainers') =>
    list(`\`${field}\``, spec[field]).map((container, index) => {
      const at = `${field}[${index}]`;
      const resolved = resolveContainer(at, field, container, { pod, graceSeconds });
      if (names.has(resolved.name)) throw wrong(`${at}.name to be given once`, resolved.name);
      names.add(resolved.name);
      return resolved;
    });
  const mains = containers('containers');
  if (mains.length === 0) throw wrong('`containers` to have at least one', spec.containers);
  return {
    mains,
    inits: containers('initContainers'),
    restartPolicy: oneOf('`restartPolicy`', spec.restartPolicy, ['Always', 'OnFailure', 'Never'], 'Always'),
    graceSeconds,
    critical: criticalClasses.includes(spec.priorityClassName ?? ''),
  };
}

interface Surroundings {
  readonly pod: PodIdentity;
  readonly graceSeconds: number;
}

function resolveContainer(
  at: string,
  field: 'containers' | 'initContainers',
  value: unknown,
  { pod, graceSeconds }: Surroundings,
): ResolvedContainer {
  const init = field === 'initContainers';
  const also = init ? ['restartPolicy'] : [];
  known(at, value, [...containerFields, ...also, ...ignoredOfContainers]);
  const given = value as Readonly<Record<string, unknown>>;
  const role = !init ? 'main' : given['restartPolicy'] === undefined ? 'init' : 'sidecar';
  if (role === 'sidecar') oneOf(`${at}.restartPolicy`, given['restartPolicy'], ['Always'], 'Always');
  const environment = environmentOf(`${at}.env`, given['env'], pod);
  const ports = portsOf(`${at}.ports`, given['ports']);
  const filled = (name: string) =>
    words(`${at}.${name}`, given[name]).map((word) => expand(word, environment));
  const { preStop, stopSignal } = resolveLifecycle(`${at}.lifecycle`, given['lifecycle'], {
    ports,
    graceSeconds,
  });
  const probes = (['startup', 'readiness', 'liveness'] as const).flatMap((kind) => {
    const probe = given[`${kind}Probe`];
    return probe === undefined ? [] : [resolveProbe(`${at}.${kind}Probe`, kind, probe, ports)];
  });
  // As the API: one that runs to its end is asked nothing.
  if (role === 'init' && (probes.length > 0 || given['lifecycle'] !== undefined))
    throw wrong(`${at} to have probes and lifecycle only with restartPolicy: Always`, given['name']);
  return {
    name: label(`${at}.name`, given['name']),
    role,
    image: given['image'] === undefined ? undefined : text(`${at}.image`, given['image']),
    command: filled('command'),
    args: filled('args'),
    workingDir: given['workingDir'] === undefined ? undefined : text(`${at}.workingDir`, given['workingDir']),
    environment,
    ports,
    preStop,
    stopSignal,
    probes,
  };
}

function portsOf(what: string, value: unknown): ReadonlyMap<string, number> {
  const ports = new Map<string, number>();
  for (const [index, port] of list(what, value).entries()) {
    known(`${what}[${index}]`, port, ['name', 'containerPort', 'protocol', 'hostPort', 'hostIP']);
    const { name, containerPort } = port as { name?: string; containerPort?: unknown };
    const number = whole(`${what}[${index}].containerPort`, containerPort, 1, 0);
    if (number > 65_535 || number === 0)
      throw wrong(`${what}[${index}].containerPort to be from 1 to 65535`, containerPort);
    if (name !== undefined) ports.set(name, number);
  }
  return ports;
}

function resolveLifecycle(
  at: string,
  value: unknown = {},
  { ports, graceSeconds }: { readonly ports: ReadonlyMap<string, number>; readonly graceSeconds: number },
): Pick<ResolvedContainer, 'preStop' | 'stopSignal'> {
  known(at, value, ['preStop', 'postStart', 'stopSignal']);
  const { preStop, postStart, stopSignal = 'SIGTERM' } = value as Readonly<Record<string, unknown>>;
  if (postStart !== undefined)
    throw unsupported(`${at}.postStart`, 'Take it out: this is about how a pod ends.');
  if (typeof stopSignal !== 'string' || !(stopSignal in constants.signals))
    throw wrong(`${at}.stopSignal to be a signal such as SIGTERM`, stopSignal);
  const signal = stopSignal as NodeJS.Signals;
  if (preStop === undefined) return { preStop: undefined, stopSignal: signal };
  const handler = resolveHandler(`${at}.preStop`, preStop, ports, ['exec', 'httpGet', 'sleep']);
  if (handler.does === 'tcpSocket')
    throw unsupported(`${at}.preStop.tcpSocket`, 'Use exec, httpGet or sleep.');
  // All of the grace is allowed, though nothing is then left for the app.
  if (handler.does === 'sleep' && handler.seconds > graceSeconds)
    throw wrong(
      `${at}.preStop.sleep.seconds to be at most the grace period, ${graceSeconds}`,
      handler.seconds,
    );
  return { preStop: handler, stopSignal: signal };
}

function resolveProbe(
  at: string,
  kind: ProbeKind,
  value: unknown,
  ports: ReadonlyMap<string, number>,
): ResolvedProbe {
  known(at, value, probeFields);
  const given = value as Readonly<Record<string, unknown>>;
  if (given['grpc'] !== undefined) throw unsupported(`${at}.grpc`, 'Use httpGet, tcpSocket or exec.');
  const { exec, httpGet, tcpSocket } = given;
  const handlers = {
    ...(exec !== undefined && { exec }),
    ...(httpGet !== undefined && { httpGet }),
    ...(tcpSocket !== undefined && { tcpSocket }),
  };
  const handler = resolveHandler(at, handlers, ports, ['exec', 'httpGet', 'tcpSocket']);
  if (handler.does === 'sleep') throw wrong(`${at} to have exec, httpGet or tcpSocket`, 'sleep');
  const successThreshold = whole(`${at}.successThreshold`, given['successThreshold'], 1, 1);
  if (kind !== 'readiness' && successThreshold !== 1)
    throw wrong(`${at}.successThreshold to be 1, as the API demands`, successThreshold);
  const grace = given['terminationGracePeriodSeconds'];
  if (kind === 'readiness' && grace !== undefined)
    throw wrong(`${at} to have no terminationGracePeriodSeconds: readiness ends nobody`, grace);
  return {
    kind,
    handler,
    initialDelaySeconds: whole(`${at}.initialDelaySeconds`, given['initialDelaySeconds'], 0, 0),
    periodSeconds: whole(`${at}.periodSeconds`, given['periodSeconds'], 1, 10),
    timeoutSeconds: whole(`${at}.timeoutSeconds`, given['timeoutSeconds'], 1, 1),
    successThreshold,
    failureThreshold: whole(`${at}.failureThreshold`, given['failureThreshold'], 1, 3),
    graceSeconds:
      grace === undefined ? undefined : whole(`${at}.terminationGracePeriodSeconds`, grace, 1, 30),
  };
}
