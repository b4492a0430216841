import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { choices, type EndpointConditions, endpointOf } from '../rules/endpoint.js';
import type { Pod } from '../kubelet/pod.js';
import type { NodeAddress } from '../runtime/runtime.js';
import { known, whole, wrong } from '../spec/checks.js';

/** How clients reach pods. */
export interface ServiceOptions {
  /** The port of the pods, or its name in their containers' `ports`. */
  readonly targetPort: number | string;
  /**
   * From a change of a pod (it is ready, it is not, it is ending) until new
   * connections follow it, in milliseconds: EndpointSlice controller, watches
   * and kube-proxy, or a cloud's load balancer.
   *
   * @defaultValue 0
   */
  readonly lagMs?: number;
  /**
   * Send new connections also to pods that are not ready, or are ending.
   *
   * @defaultValue false
   */
  readonly publishNotReadyAddresses?: boolean;
}

/** What became of the connections of clients. */
export interface ServiceFigures {
  /** All that clients opened. */
  readonly connections: number;
  /** Of these, by the name of the pod that they were sent to and that took them. */
  readonly byPod: Readonly<Record<string, number>>;
  /** Sent to a pod that refused them, by its name: the slice still had it. Their clients saw a reset. */
  readonly refused: Readonly<Record<string, number>>;
  /** There was nobody to send them to. */
  readonly nowhere: number;
}

interface Entry {
  readonly pod: Pod;
  readonly watch: Disposable;
  /** What was last true. */
  heard: EndpointConditions | undefined;
  /** As the network sees it, which is late. */
  seen: EndpointConditions | undefined;
}

/**
 * What a Service of Kubernetes is to its clients, over TCP: each new connection
 * goes to one of the pods that the network believes to be ready, in turn, and
 * stays there until one of the two ends it. Nothing is tried twice.
 *
 * What the network believes is what was true `lagMs` ago: for as long a pod that is ending
 * gets new connections, and one that is ready gets none.
 *
 * @see https://kubernetes.io/docs/reference/networking/virtual-ips/
 */
export class Service implements Disposable {
  /** Where clients connect. */
  readonly address: NodeAddress;
  readonly #server: Server;
  readonly #options: Required<ServiceOptions>;
  readonly #entries = new Map<string, Entry>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #sockets = new Set<Socket>();
  readonly #waiting = new Set<() => void>();
  readonly #byPod = new Map<string, number>();
  readonly #refused = new Map<string, number>();
  #connections = 0;
  #nowhere = 0;
  #turn = 0;

  /**
   * Listens on a free port of loopback.
   *
   * @throws RehearsalError `ERR_REHEARSAL_SPEC`
   */
  static async start(options: ServiceOptions): Promise<Service> {
    known('the options of a service', options, ['targetPort', 'lagMs', 'publishNotReadyAddresses']);
    const { targetPort, publishNotReadyAddresses = false } = options;
    const number = typeof targetPort === 'number' && Number.isInteger(targetPort) && targetPort > 0;
    if (!number && (typeof targetPort !== 'string' || targetPort === ''))
      throw wrong('`targetPort` to be a port, or the name of one', targetPort);
    const lagMs = whole('`lagMs`', options.lagMs, 0, 0);
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new Service(server, { targetPort, lagMs, publishNotReadyAddresses });
  }

  private constructor(server: Server, options: Required<ServiceOptions>) {
    this.#server = server;
    this.#options = options;
    const { address: host, port } = server.address() as AddressInfo;
    this.address = { host, port };
    server.on('connection', (client) => this.#onClient(client));
  }

  /** What became of the connections so far. */
  get figures(): ServiceFigures {
    return {
      connections: this.#connections,
      byPod: Object.fromEntries(this.#byPod),
      refused: Object.fromEntries(this.#refused),
      nowhere: this.#nowhere,
    };
  }

  /** Names of the pods that new connections are sent to now. */
  get endpoints(): readonly string[] {
    return this.#choices().map(({ pod }) => pod.name);
  }

  /** Select a pod: from now on it is in the slices, as it says itself. */
  select(pod: Pod): void {
    if (this.#entries.has(pod.name)) return;
    const entry: Entry = {
      pod,
      heard: undefined,
      seen: undefined,
      watch: pod.watch(() => this.#hear(entry)),
    };
    this.#entries.set(pod.name, entry);
    this.#hear(entry);
  }

  /** Resolves when new connections are sent to exactly so many pods, or to those of these names. */
  async routes(pods: number | readonly string[]): Promise<void> {
    while (!this.#routes(pods)) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** Take it down, and every connection through it. */
  [Symbol.dispose](): void {
    this.#server.close();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const { watch } of this.#entries.values()) watch[Symbol.dispose]();
    for (const socket of this.#sockets) socket.destroy();
  }

  #routes(pods: number | readonly string[]): boolean {
    const { endpoints } = this;
    if (typeof pods === 'number') return endpoints.length === pods;
    return endpoints.length === pods.length && pods.every((pod) => endpoints.includes(pod));
  }

  /** What is true now is believed later; each change takes as long, so that their order stays. */
  #hear(entry: Entry): void {
    const now = endpointOf(entry.pod.conditions, this.#options.publishNotReadyAddresses);
    if (same(now, entry.heard)) return;
    entry.heard = now;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      entry.seen = now;
      for (const look of this.#waiting) look();
      this.#waiting.clear();
    }, this.#options.lagMs);
    this.#timers.add(timer);
  }

  #choices(): readonly (EndpointConditions & { readonly pod: Pod })[] {
    const seen = [...this.#entries.values()].flatMap((entry) =>
      entry.seen === undefined ? [] : [{ ...entry.seen, pod: entry.pod }],
    );
    return choices(seen);
  }

  #onClient(client: Socket): void {
    this.#connections++;
    this.#hold(client);
    const to = this.#choices();
    const pod = to[this.#turn++ % Math.max(1, to.length)]?.pod;
    if (pod === undefined) {
      this.#nowhere++;
      client.resetAndDestroy();
      return;
    }
    this.#forward(client, pod);
  }

  #forward(client: Socket, pod: Pod): void {
    const address = pod.address(this.#options.targetPort);
    if (address === undefined) {
      count(this.#refused, pod.name);
      client.resetAndDestroy();
      return;
    }
    const backend = connect({ ...address, allowHalfOpen: true, noDelay: true });
    this.#hold(backend);
    let connected = false;
    backend.once('connect', () => {
      connected = true;
      count(this.#byPod, pod.name);
    });
    backend.once('error', () => {
      if (!connected) count(this.#refused, pod.name);
      // What it had sent before comes first.
      client.write('', () => client.resetAndDestroy());
    });
    client.once('error', () => backend.resetAndDestroy());
    client.pipe(backend);
    backend.pipe(client);
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    // Whoever forwards it listens too; one that is never forwarded may be reset by its client.
    socket.on('error', () => {});
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

function same(one: EndpointConditions | undefined, other: EndpointConditions | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.ready === other.ready && one.serving === other.serving && one.terminating === other.terminating;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
