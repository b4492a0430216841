import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, freePort } from '@graceful/conformance/client';
import { answerOf } from '../upgrade/answers.js';
import { loopback, unixSocket } from '../upgrade/contestant.js';
import { Books } from '../upgrade/load/books.js';
import { askOverHttp } from '../upgrade/load/http.js';
import { Family } from '../upgrade/processes.js';
import { environment } from '../upgrade/service.js';
import { Told } from './told.js';

/** Where one run takes place: its folder, its addresses, its processes, its clients. */
export class Site {
  readonly folder: string;
  readonly tcp: Address;
  readonly unix: Address;
  readonly pidFile: string;
  readonly family: Family = new Family();
  readonly told: Told = new Told();
  readonly books: Books = new Books();
  readonly environment: NodeJS.ProcessEnv;
  readonly #over = new AbortController();
  #clients: Promise<unknown> = Promise.resolve();

  static async open(): Promise<Site> {
    return new Site(await mkdtemp(join(tmpdir(), 'graceful-faults-')), await freePort());
  }

  private constructor(folder: string, port: number) {
    const path = join(folder, 'service.sock');
    this.folder = folder;
    this.tcp = loopback(port);
    this.unix = unixSocket(path);
    this.pidFile = join(folder, 'service.pid');
    this.environment = { ...environment(port, path), BENCH_PID_FILE: this.pidFile };
  }

  /** A few clients that go on asking: a drain is to have something to do. */
  ask(): void {
    const surroundings = { books: this.books, patienceMs: 5_000, over: this.#over.signal };
    const quick = { request: { path: '/' }, takesMs: 0, turns: 20, thinkMs: 20 };
    const slow = { request: { path: '/slow' }, takesMs: 300, turns: 5, thinkMs: 20 };
    this.#clients = Promise.all([
      ...[quick, quick, slow].map((client) => askOverHttp(client, { ...surroundings, address: this.tcp })),
      ...[quick, slow].map((client) => askOverHttp(client, { ...surroundings, address: this.unix })),
    ]);
  }

  async stopAsking(): Promise<void> {
    this.#over.abort();
    await this.#clients;
  }

  /** Who answers, over both sockets, to connections of their own. */
  async whoAnswers(): Promise<readonly (number | undefined)[]> {
    const answers = [this.tcp, this.unix, this.tcp, this.unix].map((address) => answerOf(address, '/'));
    return (await Promise.all(answers)).map((answer) => (answer === undefined ? undefined : Number(answer)));
  }

  /** What is left of it in the file system. */
  leftovers(): Promise<string[]> {
    return readdir(this.folder);
  }

  async end(): Promise<void> {
    await this.stopAsking();
    await this.family.end();
    await rm(this.folder, { recursive: true, force: true });
  }
}
