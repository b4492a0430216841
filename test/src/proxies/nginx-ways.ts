import { Balancer, Ledger, freePort } from '@graceful/conformance/client';
import { Nginx } from './nginx.js';
import type { Place, Ports, Steps, Way, WayKind } from './way.js';

/** What both have in common. */
abstract class NginxWay implements Way {
  readonly address: Way['address'];
  protected readonly nginx: Nginx;

  constructor(nginx: Nginx, port: number) {
    this.nginx = nginx;
    this.address = { host: '127.0.0.1', port, tls: false };
  }

  abstract replace(place: Place, steps: Steps): Promise<void>;

  get log(): string {
    return this.nginx.log;
  }

  complaints(): Promise<readonly string[]> {
    return Promise.resolve(
      this.nginx.log.split('\n').filter((line) => /\[(?:error|crit|alert)\]/.test(line)),
    );
  }

  end(): Promise<void> {
    return this.nginx.end();
  }
}

/** As containers are replaced: the new one comes first, on another port, and the configuration is read anew. */
class ByReload extends NginxWay {
  readonly #ports: Record<Place, number>;

  constructor(nginx: Nginx, port: number, ports: Ports) {
    super(nginx, port);
    this.#ports = { ...ports };
  }

  async replace(place: Place, { start, terminate, gone }: Steps): Promise<void> {
    this.#ports[place] = await start();
    // As Kubernetes does it: who leaves is told, and who sends to it hears of that later.
    await terminate();
    await this.nginx.reload(this.#ports);
    await gone();
  }
}

/** Whoever watches the backends (an agent beside nginx) takes one out by a file that nginx looks for. */
class ByFlag extends NginxWay {
  async replace(place: Place, { old, start, terminate, gone }: Steps): Promise<void> {
    const observers = new Ledger();
    const agent = new Balancer(() => observers.connect(old));
    const noticed = agent.watch();
    await terminate();
    await noticed;
    await this.nginx.takeOut(place);
    await gone();
    await start(old.port);
    await this.nginx.putBack(place);
    observers.destroy();
  }
}

async function begin(way: typeof ByReload | typeof ByFlag, ports: Ports): Promise<Way> {
  const port = await freePort();
  return new way(await Nginx.start({ port, servers: ports }), port, ports);
}

export const nginxWays: readonly WayKind[] = [
  {
    name: 'nginx, a new port by a reload',
    // Before 1.27.4 (keepalive_min_timeout) nginx closes kept-alive connections of its clients at a reload
    // without a word: what they send in that instant is lost before it has seen a backend.
    clients: 'fresh',
    begin: (ports) => begin(ByReload, ports),
  },
  {
    name: 'nginx, by a file that takes a backend out, on the same port',
    clients: 'kept-alive',
    begin: (ports) => begin(ByFlag, ports),
  },
];
