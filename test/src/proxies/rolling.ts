import {
  Ledger,
  askAndComeBack,
  askOnFreshConnections,
  type Pace,
  within,
} from '@graceful/conformance/client';
import type { Adapter } from '../harness/adapters.js';
import { type Exit, ServiceProcess } from '../harness/service-process.js';
import { Stay, untilQuiet } from '../harness/stay.js';
import { Turns } from '../harness/turns.js';
import { wanted } from '../scenarios/scenario.js';
import type { Steps, Way, WayKind } from './way.js';

const pace: Pace = {
  requests: [
    { path: '/' },
    { path: '/slow?ms=15' },
    { path: '/echo', method: 'POST', body: 'a small order' },
    { path: '/count', method: 'POST', body: Buffer.alloc(100_000, 'large ') },
    { path: '/echo', method: 'POST', body: 'an order in pieces', chunkBytes: 5 },
  ],
  thinkMs: 2,
};
/** The two places behind the proxy. */
const places = ['a', 'b'] as const;
type Place = (typeof places)[number];
const clientCount = 12;
/** By then each client has asked everything, and both backends have been asked. */
const someTurns = pace.requests.length + 1;
/** By then what was under way has come to its end: a turn may be a new connection, or a request. */
const fewTurns = 3;
/** Far more than anything takes, on a machine that is twenty times too small. */
const patienceMs = 100_000;

/** A backend that has left, under load or (the two at the end) without. */
interface Departed {
  readonly service: ServiceProcess;
  readonly exit: Exit;
  readonly underLoad: boolean;
}

/** What came of it. */
export interface Rolled {
  readonly clients: Ledger;
  readonly departed: readonly Departed[];
  readonly complaints: readonly string[];
  /** What the proxy has said, for whoever has to find out why. */
  readonly log: string;
}

/** Two backends behind a proxy are replaced under load, one after the other; then the load ends, and they leave too. */
export async function roll(adapter: Adapter, kind: WayKind): Promise<Rolled> {
  const run = new Rolling(adapter);
  try {
    return await run.through(kind);
  } finally {
    await run.destroy();
  }
}

class Rolling {
  readonly #adapter: Adapter;
  readonly #clients = new Ledger();
  readonly #turns = new Turns(clientCount);
  readonly #started: ServiceProcess[] = [];
  readonly #departed: Departed[] = [];
  #way: Way | undefined;

  constructor(adapter: Adapter) {
    this.#adapter = adapter;
  }

  async through(kind: WayKind): Promise<Rolled> {
    const serving = { a: await this.#start(), b: await this.#start() };
    const way = await kind.begin({ a: serving.a.address().port, b: serving.b.address().port });
    this.#way = way;
    const asks = kind.clients === 'fresh' ? askOnFreshConnections : askAndComeBack;
    const load = Promise.all(
      Array.from({ length: clientCount }, (_none, client) =>
        asks(
          () => this.#clients.connect(way.address),
          pace,
          () => this.#turns.enough(client),
        ),
      ),
    );
    await this.#traffic();
    for (const place of places) {
      await within(patienceMs, `the replacement of ${place}`, this.#replace(way, place, serving));
      await this.#traffic();
    }
    this.#turns.end();
    await within(patienceMs, 'the clients', load);
    const complaints = await way.complaints();
    await Promise.all(places.map((place) => this.#seeOff(serving[place])));
    return { clients: this.#clients, departed: this.#departed, complaints, log: way.log };
  }

  async destroy(): Promise<void> {
    this.#clients.destroy();
    await this.#way?.end();
    await Promise.all(this.#started.map((service) => service.destroy()));
  }

  #replace(way: Way, place: Place, serving: Record<Place, ServiceProcess>): Promise<void> {
    const old = serving[place];
    let stay: Stay | undefined;
    const steps: Steps = {
      old: old.address(),
      start: async (port) => {
        serving[place] = await this.#start(port);
        return serving[place].address().port;
      },
      terminate: async () => {
        stay = await Stay.at(old);
        process.kill(old.pid, 'SIGTERM');
        await old.state('lame-duck');
        await this.#traffic();
      },
      gone: async () => {
        await this.#turns.more(fewTurns);
        await stay?.release();
        this.#departed.push({ service: old, exit: await old.exit(), underLoad: true });
      },
    };
    return way.replace(place, steps);
  }

  async #start(port?: number): Promise<ServiceProcess> {
    const config = wanted({ drain: untilQuiet, ...(port !== undefined && { port }) });
    const service = await ServiceProcess.start(this.#adapter, config);
    this.#started.push(service);
    return service;
  }

  async #seeOff(service: ServiceProcess): Promise<void> {
    process.kill(service.pid, 'SIGTERM');
    this.#departed.push({ service, exit: await service.exit(), underLoad: false });
  }

  #traffic(): Promise<void> {
    return within(patienceMs, 'the clients to be answered', this.#turns.more(someTurns));
  }
}
