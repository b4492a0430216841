import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { type Address, ConnectError, Connection } from './client/connection.js';
import { freePort } from './client/ports.js';
import { ConformanceError } from './conformance-error.js';
import { environment } from './environment.js';
import type { Settings } from './settings.js';

/** How a process ended, and when by `performance.now()`. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly at: number;
}

const knockEveryMs = 20;
const startsAtMost = 3;
/** The end of what it wrote is what tells why it failed. */
const keptOutput = 16_384;

/** Every process that was started here, so that none outlives this one. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The server under test: one process, from its start to its end. */
export class Service {
  readonly address: Address;
  /** Where it says whether it is ready. */
  readonly readiness: { readonly address: Address; readonly path: string } | undefined;
  /** Where it speaks HTTP/2. */
  readonly http2: Address;
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  #end: ProcessEnd | undefined;
  #output = '';

  /** @throws {@link ConformanceError} `ERR_CONFORMANCE_START` */
  static async start(settings: Settings): Promise<Service> {
    for (let starts = 1; ; starts++) {
      const service = await Service.#spawn(settings);
      try {
        await service.#untilReady(settings.startMs);
        return service;
      } catch (error) {
        await service.destroy();
        // Somebody was quicker, between the moment in which the port was free and the one in which the service took it.
        if (starts < startsAtMost && service.output.includes('EADDRINUSE')) continue;
        throw error;
      }
    }
  }

  static async #spawn(settings: Settings): Promise<Service> {
    const { host, tls, readiness, http2 } = settings;
    const port = settings.port ?? (await freePort());
    const address = { host, port, tls };
    const probe = readiness && {
      path: readiness.path,
      address: await otherAddress(readiness, address, false),
    };
    return new Service(settings, address, probe, await otherAddress(http2, address, tls));
  }

  private constructor(settings: Settings, address: Address, readiness: Service['readiness'], http2: Address) {
    const { command, cwd, env, portVariable } = settings;
    this.address = address;
    this.readiness = readiness;
    this.http2 = http2;
    const [probeVariable, http2Variable] = [settings.readiness?.portVariable, settings.http2?.portVariable];
    const ports = {
      [portVariable]: String(address.port),
      ...(probeVariable !== undefined && { [probeVariable]: String(readiness?.address.port) }),
      ...(http2Variable !== undefined && { [http2Variable]: String(http2.port) }),
    };
    const [program = '', ...args] = command;
    this.#child = spawn(program, args, {
      cwd,
      env: environment({ ...ports, ...env }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this.#child);
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-keptOutput);
      });
    this.ended = this.#untilEnd();
  }

  async #untilEnd(): Promise<ProcessEnd> {
    try {
      const [code, signal] = (await once(this.#child, 'exit')) as [number | null, NodeJS.Signals | null];
      this.#end = { code, signal, at: performance.now() };
    } catch (error) {
      // There is no such program, or it may not be run.
      this.#output += String(error);
      this.#end = { code: null, signal: null, at: performance.now() };
    }
    running.delete(this.#child);
    return this.#end;
  }

  async #untilReady(startMs: number): Promise<void> {
    const lastAt = performance.now() + startMs;
    let why = '';
    while (performance.now() < lastAt) {
      if (this.#end) {
        const how = this.#end.code ?? this.#end.signal ?? 'not started';
        throw this.#notStarted(`ended before it was ready (${how})`);
      }
      why = await this.#notReady();
      if (why === '') return;
      await pause(knockEveryMs);
    }
    throw this.#notStarted(`was not ready after ${startMs} ms: ${why}`);
  }

  /** Why it is not ready yet; an empty string if it is. */
  async #notReady(): Promise<string> {
    const { address, path } = this.readiness ?? { address: this.address, path: undefined };
    try {
      // A port of its own may be open a moment later than that of the service.
      if (this.http2 !== this.address) (await Connection.open(this.http2)).close();
      const connection = await Connection.open(address);
      try {
        if (path === undefined) return '';
        const { status } = await connection.ask({ path });
        return status === 200 ? '' : `GET ${path} answered ${status}`;
      } finally {
        connection.close();
      }
    } catch (error) {
      const { host, port } = address;
      const other = this.http2 === this.address ? '' : `, or port ${this.http2.port} for HTTP/2,`;
      if (error instanceof ConnectError) return `${host}:${port}${other} did not answer (${error.code})`;
      return String(error);
    }
  }

  #notStarted(what: string): ConformanceError {
    const said = this.output === '' ? 'It wrote nothing.' : `It wrote:\n${this.output}`;
    return new ConformanceError(
      'ERR_CONFORMANCE_START',
      `Expected \`${this.#child.spawnargs.join(' ')}\` to listen on port ${this.address.port}, but it ${what}. ${said}`,
    );
  }

  /** What it wrote last, on both of its streams. */
  get output(): string {
    return this.#output.trim();
  }

  /** How it ended; `undefined` while it runs. */
  get end(): ProcessEnd | undefined {
    return this.#end;
  }

  /** To the process itself; nothing happens to one that has ended. */
  signal(name: NodeJS.Signals): void {
    if (!this.#end) this.#child.kill(name);
  }

  /** However the row ended: nothing outlives it. */
  async destroy(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }
}

/** The address of what may have a port of its own; what it speaks there is `tls` or not (probes mostly not). */
async function otherAddress(
  other: { readonly port: number | undefined; readonly portVariable: string | undefined } | undefined,
  address: Address,
  tls: boolean,
): Promise<Address> {
  if (other?.port !== undefined) return { ...address, port: other.port, tls };
  if (other?.portVariable !== undefined) return { ...address, port: await freePort(), tls };
  return address;
}
