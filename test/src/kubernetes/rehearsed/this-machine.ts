import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ContainerSpec, PodIdentity, PodSpec } from '@graceful/rehearsal/kubelet';
import { type Container, only, type Named } from '../manifest.js';

const repository = new URL('../../../../', import.meta.url);
/** What the images start. */
const programs: Readonly<Record<string, string>> = {
  'registry.example/orders:1': fileURLToPath(new URL('examples/kubernetes/dist/server.js', repository)),
  'registry.example/graceful-companion:1': fileURLToPath(new URL('packages/cli/dist/bin.js', repository)),
};
/** Where the image of the companion has it. */
const binInImage = '/app/dist/bin.js';
/** What the service listens on, by the manifests. */
const httpPort = 3_000;

/** What a pod has here instead. */
interface Place {
  readonly ip: string;
  /** Of the service: pods share the kernel's tables, in which the companion looks for it. */
  readonly port: number;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * The pods of the manifests, as pods of this machine. All numbers that tell how
 * they live and leave stay; what changes is what a machine without images,
 * volumes and network namespaces cannot have: programs stand for images, a
 * folder for volumes, and each pod has an address and a port of its own.
 */
export function onThisMachine(manifests: readonly Named[], folder: string): (pod: PodIdentity) => PodSpec {
  const { spec } = only('Deployment', manifests).spec.template;
  let pods = 0;
  return (pod) => {
    const here = join(folder, pod.name);
    mkdirSync(join(here, 'run'), { recursive: true, mode: 0o700 });
    const config = join(here, 'config.json');
    writeFileSync(config, only('ConfigMap', manifests).data['config.json'] ?? '');
    const port = httpPort + ++pods * 10;
    const socket = join(here, 'run', 'control.sock');
    const variables = { HOST: pod.ip, PORT: String(port), CONFIG: config, GRACEFUL_COMPANION: socket };
    const adapt = (container: Container) => adapted(container, { ip: pod.ip, port, variables });
    return {
      ...spec,
      initContainers: (spec.initContainers ?? []).map(adapt),
      containers: spec.containers.map(adapt),
    };
  };
}

function adapted(container: Container, { ip, port, variables }: Place): ContainerSpec {
  const program = programs[container.image];
  if (program === undefined) throw new Error(`Expected an image that is known, got ${container.image}.`);
  const { env = [], args = [], ports = [], lifecycle } = container;
  const command = lifecycle?.preStop?.exec?.command.map((word) =>
    word === 'node' ? process.execPath : word === binInImage ? program : word,
  );
  const companion = container.name === 'companion';
  // The service is told of a companion only where the manifest does.
  const told = companion || env.some(({ name }) => name === 'GRACEFUL_COMPANION');
  const mine = Object.entries(variables).filter(([name]) => told || name !== 'GRACEFUL_COMPANION');
  return {
    ...container,
    command: [process.execPath, program],
    args: [
      ...args.map((argument) =>
        argument.replace(`orders:${httpPort}`, `orders:${port}`).replace('--metrics=', `--metrics=${ip}:`),
      ),
      // The container's last message has nowhere to go.
      ...(companion ? [`--kubelet=${ip}:9901`, '--no-termination-log'] : []),
    ],
    env: [
      ...env.filter(({ name }) => !(name in variables)),
      ...mine.map(([name, value]) => ({ name, value })),
    ],
    ports: ports.map((one) => (one.containerPort === httpPort ? { ...one, containerPort: port } : one)),
    ...(command && { lifecycle: { preStop: { exec: { command } } } }),
  } as ContainerSpec;
}
