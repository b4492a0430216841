import { createServer, type Server } from 'node:http';
import { closeListener } from '../drain/close-listener.js';
import { GracefulError } from '../errors.js';
import type { Listeners } from '../listen/listeners.js';
import type { ProbeEndpoints } from './endpoints.js';

/**
 * A server for nothing but the probes, on a port of their own. It is no part
 * of the drain and answers until the process ends, or another has taken over.
 */
export class ProbeServer implements Disposable {
  readonly server: Server;
  /** Rejects when the port cannot be had. */
  readonly listening: Promise<void>;
  #disposed = false;
  #accepted = 0;

  constructor(
    endpoints: ProbeEndpoints,
    { port, host }: { readonly port: number; readonly host: string | undefined },
    listeners: Listeners,
  ) {
    this.server = createServer((request, response) => {
      if (endpoints.answer(request, response)) return;
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' });
      response.end(`Not found. This port answers ${endpoints.paths.join(', ')}.\n`);
    });
    this.server.on('connection', () => this.#accepted++);
    this.listening = listeners.listen(
      this.server,
      { port, ...(host !== undefined && { host }) },
      { name: 'probes', named: true, ofProbes: true, after: () => this.#assertNotDisposed() },
    );
  }

  /** Leave the port to the process that has taken over and has it, too: its answers are those that count. */
  async giveUpPort(): Promise<void> {
    await closeListener(
      this.server,
      () => this.#accepted,
      () => this.#disposed,
    );
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.server.close();
    this.server.closeAllConnections();
  }

  /** It may have been held up. */
  #assertNotDisposed(): undefined {
    if (!this.#disposed) return;
    throw new GracefulError(
      'ERR_GRACEFUL_LISTEN',
      'Expected a service that goes on, got one that was uninstalled before the server of its probes could listen.',
    );
  }
}
