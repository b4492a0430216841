import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Address, Connection, freePort, Ledger } from '@graceful/conformance/client';
import { askAndComeBack, askOnFreshConnections } from '@graceful/conformance/client';
import { testFolder } from '../command-line/place.js';
import { type Ended, graceful as runGraceful } from '../command-line/program.js';
import { adapted, graceful, Unit } from './unit.js';

const node = process.env['GRACEFUL_TEST_NODE'] ?? process.execPath;
const service = fileURLToPath(new URL('../../dist/systemd/service.js', import.meta.url));

/** A service that was deployed with a unit of `deploy/systemd`, and its clients. */
export class Deployment {
  readonly unit: Unit;
  readonly address: Address;
  readonly #folder: string;

  /** With `app.service`: under `graceful run`. Not started. */
  static async supervised({
    settings = [],
    socket = false,
    command,
  }: {
    readonly settings?: readonly string[];
    /** `app.socket` holds the socket; it is started. */
    readonly socket?: boolean;
    /** Instead of the service. */
    readonly command?: string;
  } = {}): Promise<Deployment> {
    const port = await freePort();
    const folder = testFolder();
    const content = adapted('app.service', {
      '/srv/app': folder,
      '/usr/bin/graceful': graceful,
      '--listen http=3000 ': socket ? '' : `--listen http=127.0.0.1:${port} `,
      'node server.js': command ?? `${node} ${service} version.json`,
    });
    const log = join(folder, 'log');
    const unit = await Unit.install('app.service', content, { log, settings });
    if (socket) {
      const listen = { 'ListenStream=3000': `ListenStream=127.0.0.1:${port}` };
      const held = await Unit.install('app.socket', adapted('app.socket', listen), { log });
      await held.start();
    }
    return new Deployment(unit, port, folder);
  }

  /** With `app-in-process.service`: it replaces itself. Not started. */
  static async inProcess(settings: readonly string[] = []): Promise<Deployment> {
    const port = await freePort();
    const folder = testFolder();
    const content = adapted('app-in-process.service', {
      '/srv/app': folder,
      '/usr/bin/node server.js': `${node} ${service} version.json in-process`,
    });
    const unit = await Unit.install('app-in-process.service', content, {
      log: join(folder, 'log'),
      settings: [`Environment=PORT=${port}`, ...settings],
    });
    return new Deployment(unit, port, folder);
  }

  private constructor(unit: Unit, port: number, folder: string) {
    this.unit = unit;
    this.address = { host: '127.0.0.1', port, tls: false };
    this.#folder = folder;
    this.release('one');
  }

  /** Install a version beside the others, and switch the symlink to it. */
  release(version: string, mishap?: 'exit'): void {
    const release = join(this.#folder, version);
    mkdirSync(release, { recursive: true });
    writeFileSync(join(release, 'version.json'), JSON.stringify({ version, mishap }));
    const link = join(this.#folder, 'next');
    symlinkSync(release, link);
    renameSync(link, join(this.#folder, 'current'));
  }

  /** What the service answers, on a connection of its own. */
  async answer(path = '/'): Promise<string> {
    const connection = await Connection.open(this.address);
    try {
      return (await connection.ask({ path })).body;
    } finally {
      connection.destroy();
    }
  }

  /** A command for its supervisor. */
  tell(command: 'drain'): Promise<Ended> {
    const control = join(process.env['XDG_RUNTIME_DIR'] ?? '', 'app', 'control.sock');
    return runGraceful([command, '--control', control]);
  }

  /** Who answers. */
  async servingPid(): Promise<number> {
    return Number((await this.answer()).split(' ')[1]);
  }

  /** Clients that keep connections, and clients that open one for each request, for as long as `during` takes. */
  async underLoad(during: (clients: Ledger) => Promise<void>): Promise<Ledger> {
    const clients = new Ledger();
    let enough = false;
    const pace = { requests: [{ path: '/' }], thinkMs: 5 };
    const connect = () => clients.connect(this.address);
    const all = Array.from({ length: 4 }, () => [
      askAndComeBack(connect, pace, () => enough),
      askOnFreshConnections(connect, pace, () => enough),
    ]).flat();
    try {
      await clients.answers(50);
      await during(clients);
    } finally {
      enough = true;
      await Promise.all(all);
    }
    return clients;
  }
}
