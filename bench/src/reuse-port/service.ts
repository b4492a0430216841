import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { freePort } from '@graceful/conformance/client';
import { nextMessage } from '../service/process.js';

const entry = fileURLToPath(new URL('server.js', import.meta.url));

/** How several processes come to listen on one port. */
export type Way = 'shared' | 'reuse-port';

/** A socket that is bound, and that nobody here accepts from. */
interface BoundHandle {
  readonly fd: number;
  close(): void;
}

/** net.BoundSocket does this from Node 24 on; the function below it is there since 0.x, and not documented. */
function bind(port: number): BoundHandle {
  const { _createServerHandle: create } = net as unknown as {
    _createServerHandle(host: string, port: number, family: number): BoundHandle | number;
  };
  const handle = create('127.0.0.1', port, 4);
  if (typeof handle === 'number') throw new Error(`could not bind port ${port}: error ${handle}`);
  return handle;
}

/** A port, and whoever serves on it. */
export class Service {
  readonly port: number;
  readonly #node: string;
  readonly #held: BoundHandle | undefined;
  readonly #members = new Set<Member>();

  static async open(node: string, way: Way): Promise<Service> {
    return new Service(node, way, await freePort());
  }

  private constructor(node: string, way: Way, port: number) {
    this.port = port;
    this.#node = node;
    this.#held = way === 'shared' ? bind(port) : undefined;
  }

  /** Start one more; resolves when it listens. */
  async start(): Promise<Member> {
    const words = this.#held ? ['shared'] : ['reuse-port', String(this.port)];
    const child = spawn(this.#node, [entry, ...words], {
      stdio: ['pipe', 'ignore', 'inherit', ...(this.#held ? [this.#held.fd] : []), 'ipc'],
    });
    const member = new Member(child);
    this.#members.add(member);
    void member.exited.then(() => this.#members.delete(member));
    await nextMessage(child);
    return member;
  }

  /** Leave nothing behind. */
  async end(): Promise<void> {
    for (const member of this.#members) member.kill();
    await Promise.all([...this.#members].map(({ exited }) => exited));
    this.#held?.close();
  }
}

/** One of those who serve. */
export class Member {
  /** Resolves when it has gone. */
  readonly exited: Promise<unknown>;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.exited = once(child, 'exit');
  }

  /** Keep it so busy that it accepts nothing; resolves when it is. */
  async block(): Promise<void> {
    const blocked = nextMessage(this.#child);
    this.#child.send('block');
    await blocked;
  }

  /** It is busy no more, and closes its listener before it does anything else. */
  unblock(): void {
    this.#child.stdin?.write('.');
  }

  /** Close the listener in some later turn. */
  leave(): void {
    this.#child.send('leave');
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
