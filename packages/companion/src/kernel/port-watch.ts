import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseResets } from './proc-net-snmp.js';
import { parseProcNetTcp } from './proc-net-tcp.js';

/** What the kernel tells of a port at one moment. */
export interface PortFigures {
  readonly listening: number;
  readonly established: number;
  /** Of the established, those with bytes that were not read, or not sent, yet. */
  readonly busy: number;
  /** Connections that were not there when it was last looked. */
  readonly arrived: number;
}

/** What the kernel tells at one moment. */
export interface Look {
  /** By port. */
  readonly ports: ReadonlyMap<number, PortFigures>;
  /** Resets sent, since the network was made; unknown where it is not told. */
  readonly resets: number | undefined;
}

/**
 * Looks at TCP ports in the tables of the kernel, which everybody in the same
 * network namespace may read: containers of a pod share one.
 */
export class PortWatch {
  readonly #folder: string;
  /** The other sides, by port, of when it was last looked. */
  #before = new Map<number, ReadonlySet<string>>();

  /** @param folder - where the tables are */
  constructor(folder = '/proc/net') {
    this.#folder = folder;
  }

  /** `undefined`, where there are no such tables, as on other systems than Linux. */
  look(ports: Iterable<number>): Look | undefined {
    const wanted = new Set(ports);
    const tables = [this.#read('tcp'), this.#read('tcp6')];
    if (tables.every((table) => table === undefined)) return undefined;
    const sockets = tables.flatMap((table) => (table === undefined ? [] : parseProcNetTcp(table, wanted)));
    const before = this.#before;
    this.#before = new Map();
    const figures = new Map<number, PortFigures>();
    for (const port of wanted) {
      const here = sockets.filter(({ localPort }) => localPort === port);
      const established = here.filter(({ state }) => state === 'established');
      // One that has ended meanwhile has come all the same: it is seen in its last states.
      const remotes = new Set(here.filter(({ state }) => state !== 'listen').map(({ remote }) => remote));
      const known = before.get(port);
      this.#before.set(port, remotes);
      figures.set(port, {
        listening: here.filter(({ state }) => state === 'listen').length,
        established: established.length,
        busy: established.filter(({ isBusy }) => isBusy).length,
        arrived: known ? [...remotes].filter((remote) => !known.has(remote)).length : 0,
      });
    }
    const snmp = this.#read('snmp');
    return { ports: figures, resets: snmp === undefined ? undefined : parseResets(snmp) };
  }

  #read(table: string): string | undefined {
    try {
      return readFileSync(join(this.#folder, table), 'latin1');
    } catch {
      return undefined;
    }
  }
}
