import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Address, Connection } from '@graceful/conformance/client';
import { ControlClient, type SupervisorStatus } from '@graceful/handover/control';
import { start, testFolder } from './place.js';
import { type Ended, graceful, type Program } from './program.js';

const service = fileURLToPath(new URL('../../dist/command-line/service.js', import.meta.url));

/** The command that serves `version`; see `service.ts`. */
export function serving(version: string, ...mishap: string[]): string[] {
  return [process.env['GRACEFUL_TEST_NODE'] ?? process.execPath, service, version, ...mishap];
}

/** A supervisor of `graceful run`, and whoever commands it, in a world of their own. */
export class Running {
  readonly program: Program;
  readonly env: Readonly<Record<string, string>>;
  readonly #client: ControlClient;

  /** Starts one that holds a port of its own; resolves when its service serves. */
  static async start(
    options: readonly string[] = [],
    command: readonly string[] = serving('one'),
  ): Promise<Running> {
    const running = new Running(testFolder(), options, command);
    await running.program.prints(/generation 1 serves/);
    return running;
  }

  constructor(folder: string, options: readonly string[], command: readonly string[]) {
    this.env = { XDG_RUNTIME_DIR: folder };
    const args = ['run', '--listen', 'http=127.0.0.1:0', '--overlap-ms', '50', ...options, '--', ...command];
    this.program = start(args, { env: this.env });
    this.#client = new ControlClient({ path: this.socket });
  }

  /** The path of the control socket. */
  get socket(): string {
    return join(this.env['XDG_RUNTIME_DIR'] ?? '', 'graceful', 'service.sock');
  }

  get socketExists(): boolean {
    return existsSync(this.socket);
  }

  /** A command for it. */
  tell(...args: string[]): Promise<Ended> {
    return graceful(args, { env: this.env });
  }

  status(): Promise<SupervisorStatus> {
    return this.#client.status();
  }

  async address(): Promise<Address> {
    const [socket] = (await this.status()).sockets;
    if (socket?.port === undefined) throw new Error('Expected it to hold a port.');
    return { host: '127.0.0.1', port: socket.port, tls: false };
  }

  /** Until all processes of a generation have left; before that, the kernel may still give them a connection. */
  async hasLeft(generation: number): Promise<void> {
    await this.program.prints(new RegExp(`generation ${generation} has left`));
  }

  /** What the service answers, on a connection of its own. */
  async answer(path = '/'): Promise<string> {
    const connection = await Connection.open(await this.address());
    try {
      return (await connection.ask({ path })).body;
    } finally {
      connection.destroy();
    }
  }
}
