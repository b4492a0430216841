import { finished } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { GenericContainer, type StartedTestContainer, type WaitStrategy } from 'testcontainers';
import type { ShutdownReport } from '@graceful/core';
import { type Address, within } from '@graceful/conformance/client';
import { type LogLine, LogLines } from '../examples/log-lines.js';
import type { Exit } from '../harness/service-process.js';
import { type Docker, docker } from './engine.js';
import { gone, labels } from './sweep.js';

type CreateOptions = Parameters<Docker['createContainer']>[0];
type HostConfig = NonNullable<CreateOptions['HostConfig']>;
type EngineContainer = ReturnType<Docker['getContainer']>;

/** A container to start; what is not said here is said by its image. */
export interface ContainerPlan {
  readonly image: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  /** The ports that are published, on loopback: 3000, unless it says otherwise or has no network of its own. */
  readonly ports?: readonly number[];
  /** The name of a network, and by what names it is known there. */
  readonly network?: { readonly name: string; readonly aliases?: readonly string[] };
  /** `container:…`, `none`. */
  readonly networkMode?: string;
  /** Where the Unix socket of the service is, by its path outside of the container. */
  readonly socket?: string;
  /** As in the API of the engine. */
  readonly host?: HostConfig;
  /** As in the API of the engine: `StopTimeout` and the like. */
  readonly create?: Partial<CreateOptions>;
}

/** How a container ended. */
export interface ContainerExit extends Exit {
  /** 128 and the number of a signal, where that ended it. */
  readonly code: number;
  /** The kernel killed a process of it for its memory. */
  readonly oomKilled: boolean;
}

const usualPorts = [3_000];
const patienceMs = 120_000;
/** Of `docker stop`, where a test does not ask for another: far more than any budget of a test. */
const stopTimeoutS = 60;

/** Ready when it has been started: what it does next is told by its log. */
const atOnce: WaitStrategy = {
  waitUntilReady: () => Promise.resolve(),
  withStartupTimeout: () => atOnce,
  isStartupTimeoutSet: () => false,
  getStartupTimeout: () => 0,
};

/** A container of testcontainers that nobody outside of this machine can reach. */
class LoopbackContainer extends GenericContainer {
  constructor(plan: ContainerPlan) {
    const { image, env, command, ports = usualPorts, network, networkMode, host, create } = plan;
    super(image);
    Object.assign(this.createOpts, create);
    Object.assign(this.hostConfig, host);
    this.withLabels(labels).withWaitStrategy(atOnce);
    if (env) this.withEnvironment(env);
    if (command) this.withCommand([...command]);
    if (networkMode !== undefined) this.withNetworkMode(networkMode);
    else if (network) this.withNetworkMode(network.name);
    if (network?.aliases) this.withNetworkAliases(...network.aliases);
    if (networkMode === undefined) this.withExposedPorts(...ports);
  }

  protected override beforeContainerCreated(): Promise<void> {
    const bindings = (this.hostConfig.PortBindings ?? {}) as Record<string, { HostIp?: string }[]>;
    for (const binding of Object.values(bindings).flat()) binding.HostIp = '127.0.0.1';
    return Promise.resolve();
  }
}

/** A service in a container of its own, known by its port and its log; disposing leaves nothing of it. */
export class ServiceContainer implements AsyncDisposable {
  readonly log: LogLines;
  readonly #started: StartedTestContainer;
  readonly #container: EngineContainer;
  readonly #logEnded: Promise<void>;
  readonly #exited: Promise<ContainerExit>;
  readonly #plan: ContainerPlan;
  #stopping: Promise<unknown> = Promise.resolve();

  /** Resolves when it says that it is ready. */
  static async ready(plan: ContainerPlan): Promise<ServiceContainer> {
    const service = await ServiceContainer.start(plan);
    try {
      await service.state('ready');
    } catch (error) {
      await service[Symbol.asyncDispose]();
      throw error;
    }
    return service;
  }

  /** Resolves when it runs. */
  static async start(plan: ContainerPlan): Promise<ServiceContainer> {
    const started = await new LoopbackContainer(plan).start();
    const container = (await docker()).getContainer(started.getId());
    return new ServiceContainer(plan, started, container, await started.logs());
  }

  private constructor(
    plan: ContainerPlan,
    started: StartedTestContainer,
    container: EngineContainer,
    logs: Readable,
  ) {
    this.#plan = plan;
    this.#started = started;
    this.#container = container;
    this.log = new LogLines(logs, patienceMs);
    this.#logEnded = finished(logs).catch(() => {});
    this.#exited = this.#untilExit();
    // Whoever waits for the exit is told; nobody may.
    this.#exited.catch(() => {});
  }

  async #untilExit(): Promise<ContainerExit> {
    await this.#container.wait();
    const at = performance.now();
    // The last lines may come after the exit.
    await this.#logEnded;
    const { State: state } = await this.#container.inspect();
    this.log.end(`exit ${state.ExitCode}\n${this.output}`);
    return { code: state.ExitCode, signal: null, oomKilled: state.OOMKilled, at };
  }

  get id(): string {
    return this.#started.getId();
  }

  /** Where it is reached from outside of its container: at its socket, or at its first port. */
  get address(): Address {
    const { ports: [port] = usualPorts, socket } = this.#plan;
    if (socket !== undefined) return { host: '127.0.0.1', port: 0, tls: false, path: socket };
    if (port === undefined) throw new Error('Expected a container that is reached from outside.');
    return this.addressOf(port);
  }

  /** Where a port of its is reached from outside. */
  addressOf(port: number): Address {
    return { host: '127.0.0.1', port: this.#started.getMappedPort(port), tls: false };
  }

  /** The same container, once it or its engine has been started anew: what followed its log has ended. */
  async again(): Promise<ServiceContainer> {
    return new ServiceContainer(this.#plan, this.#started, this.#container, await this.#started.logs());
  }

  /** `docker start`, after its exit. */
  async startAgain(): Promise<ServiceContainer> {
    await this.#container.start();
    return await this.again();
  }

  /** How it is, by the engine. */
  inspect(): Promise<Awaited<ReturnType<EngineContainer['inspect']>>> {
    return this.#container.inspect();
  }

  get report(): ShutdownReport | undefined {
    return this.log.all.find(({ report }) => report)?.report;
  }

  /** Its log, for whoever has to find out why. */
  get output(): string {
    return this.log.all.map((line) => JSON.stringify(line)).join('\n');
  }

  state(name: string): Promise<LogLine> {
    return this.log.until(`state ${name}`, ({ state }) => state === name);
  }

  /** `docker stop --time`; without a number, the time that the container was made with. Resolves when it has ended. */
  async stop(timeoutS: number | 'its own' = stopTimeoutS): Promise<ContainerExit> {
    this.terminate(timeoutS);
    return await this.exit();
  }

  /** The same, without waiting for it. */
  terminate(timeoutS: number | 'its own' = stopTimeoutS): void {
    this.#stopping = this.#container.stop(timeoutS === 'its own' ? {} : { t: timeoutS });
    // Told where the exit is waited for.
    this.#stopping.catch(() => {});
  }

  /** `docker kill --signal` */
  async kill(signal: NodeJS.Signals): Promise<void> {
    await this.#container.kill({ signal });
  }

  /** `docker exec`, as another user if so wanted: its exit code, and what it printed. */
  async exec(
    command: readonly string[],
    user?: string,
  ): Promise<{ readonly code: number; readonly output: string }> {
    const { exitCode, output } = await this.#started.exec([...command], user === undefined ? {} : { user });
    return { code: exitCode, output };
  }

  async exit(): Promise<ContainerExit> {
    await within(patienceMs, 'docker stop', this.#stopping);
    return await within(patienceMs, 'the exit of a container', this.#exited);
  }

  /** However the test ended: nothing outlives it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await gone(this.#container.remove({ force: true, v: true }));
  }
}
