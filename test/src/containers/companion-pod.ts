import type { DrainReceipt } from '@graceful/companion/receipts';
import { type Address, Ledger, within } from '@graceful/conformance/client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Leaver } from '../examples/departure.js';
import { companionImage, programsImage } from './images/service-images.js';
import { Leftovers } from './leftovers.js';
import { TestVolume } from './network.js';
import { type ContainerPlan, ServiceContainer } from './service-container.js';

/** What differs from pod to pod. */
export interface PodPlan {
  /** Beside a network and a folder the containers share this. */
  readonly pid?: boolean;
  readonly ipc?: boolean;
  /** Of the service. */
  readonly env?: Readonly<Record<string, string>>;
  /** Of the service, in bytes. */
  readonly memory?: number;
}

const servicePort = 3_000;
const metricsPort = 9_902;
const folder = '/run/graceful';
const receiptsFile = `${folder}/receipts.jsonl`;
const graceful = ['node', '/app/dist/bin.js'];
const patienceMs = 60_000;

/** Holds the namespaces of a pod, as the pause container of the kubelet does. */
const pause = "process.on('SIGTERM', () => process.exit()); setInterval(() => {}, 2 ** 30)";

/**
 * A pod as the kubelet makes one: a service and its companion in one network,
 * with a folder in memory for the control socket.
 */
export class CompanionPod implements AsyncDisposable {
  readonly service: ServiceContainer;
  readonly #leftovers: Leftovers;
  readonly #holder: ServiceContainer;
  #companion: ServiceContainer;

  /** Resolves when the service is ready, and its companion knows it. */
  static async start(plan: PodPlan = {}): Promise<CompanionPod> {
    const leftovers = new Leftovers();
    try {
      return await podOf(leftovers, plan);
    } catch (error) {
      await leftovers[Symbol.asyncDispose]();
      throw error;
    }
  }

  constructor(
    leftovers: Leftovers,
    holder: ServiceContainer,
    companion: ServiceContainer,
    service: ServiceContainer,
  ) {
    this.#leftovers = leftovers;
    this.#holder = holder;
    this.#companion = companion;
    this.service = service;
  }

  get companion(): ServiceContainer {
    return this.#companion;
  }

  /** Where the service is reached: the pod has one address. */
  get address(): Address {
    return this.#holder.addressOf(servicePort);
  }

  /** The service, as somebody takes it away. */
  get leaving(): Leaver {
    const { service, address } = this;
    return {
      address,
      state: (name) => service.state(name),
      terminate: () => service.terminate(),
      exit: () => service.exit(),
    };
  }

  /** The last receipt, once there is one, as the companion prints it. */
  async receipt(): Promise<DrainReceipt> {
    const line = await this.#companion.log.until('a receipt', (each) => 'kind' in each);
    return line as unknown as DrainReceipt;
  }

  /** Resolves when the companion's metrics say so. */
  async measures(what: RegExp): Promise<void> {
    const until = async () => {
      // They are there to be asked for, and tell nobody.
      while (!what.test(await this.#metrics())) await sleep(50);
    };
    await within(patienceMs, `${what} in the metrics of the companion`, until());
  }

  /** `graceful receipts`, on the file that the companion writes. */
  async judge(): Promise<{ readonly code: number; readonly output: string }> {
    return await this.#companion.exec([...graceful, 'receipts', receiptsFile]);
  }

  /** `graceful companion prestop`, as the kubelet runs it: it is the pod that ends. */
  async beginEnd(): Promise<void> {
    const { code, output } = await this.#companion.exec([...graceful, 'companion', 'prestop']);
    if (code !== 0) throw new Error(`companion prestop: ${code}\n${output}`);
  }

  /** End the companion with a signal, and start it again; nobody tells the service. */
  async restartCompanion(signal: NodeJS.Signals): Promise<void> {
    await this.#companion.kill(signal);
    await this.#companion.exit();
    this.#companion = await this.#companion.startAgain();
  }

  async #metrics(): Promise<string> {
    const ledger = new Ledger();
    try {
      const connection = await ledger.connect(this.#holder.addressOf(metricsPort));
      return (await connection.ask({ path: '/metrics' })).body;
    } catch {
      // Not there yet, or not there again.
      return '';
    } finally {
      ledger.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leftovers[Symbol.asyncDispose]();
  }
}

async function podOf(leftovers: Leftovers, plan: PodPlan): Promise<CompanionPod> {
  const image = await programsImage();
  const volume = leftovers.use(await TestVolume.create('1000:1000', '0750'));
  const holder = leftovers.use(
    await ServiceContainer.start({
      image,
      command: ['node', '-e', pause],
      ports: [servicePort, metricsPort],
      host: { IpcMode: 'shareable' },
    }),
  );
  const shared = `container:${holder.id}`;
  const start = async (more: Pick<ContainerPlan, 'image' | 'command' | 'env' | 'host'>) =>
    leftovers.use(
      await ServiceContainer.start({
        ...more,
        env: { GRACEFUL_COMPANION: `${folder}/control.sock`, ...more.env },
        networkMode: shared,
        host: {
          ...more.host,
          // Into an empty volume the engine would copy the owner of a folder that the image does not have.
          Binds: [`${volume.name}:/run:nocopy`],
          ...(plan.pid && { PidMode: shared }),
          ...(plan.ipc && { IpcMode: shared }),
        },
      }),
    );
  const companion = await start({
    image: await companionImage(),
    command: [
      'companion',
      `--expect=orders:${servicePort}`,
      '--grace-ms=120000',
      `--metrics=${metricsPort}`,
      `--receipts-file=${receiptsFile}`,
      '--linger-ms=0',
      '--no-termination-log',
      '--json',
    ],
    env: { POD_NAME: 'orders-1', POD_UID: 'uid-1' },
  });
  const { env = {}, memory } = plan;
  const service = await start({
    image,
    command: ['node', 'app.js'],
    env,
    host: memory === undefined ? {} : { Memory: memory, MemorySwap: memory },
  });
  await service.state('ready');
  const pod = new CompanionPod(leftovers, holder, companion, service);
  await pod.measures(/^graceful_companion_instances\{state="ready"\} 1$/m);
  return pod;
}
