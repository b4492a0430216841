import { createServer, type Server } from 'node:http';
import type { ListenAddress } from '../listen/listen.js';
import type { ProbeEndpoints } from './endpoints.js';

/**
 * A server for nothing but the probes, on a port of their own. It is no part
 * of the drain and answers until the process ends.
 */
export class ProbeServer implements Disposable {
  readonly server: Server;
  /** Rejects when the port cannot be had: nobody should find that out by a probe that fails. */
  readonly listening: Promise<void>;

  constructor(
    endpoints: ProbeEndpoints,
    listen: (server: Server, address: ListenAddress) => Promise<void>,
    port: number,
    host: string | undefined,
  ) {
    this.server = createServer((request, response) => {
      if (endpoints.answer(request, response)) return;
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' });
      response.end(`Not found. This port answers ${endpoints.paths.join(', ')}.\n`);
    });
    this.listening = listen(this.server, { port, ...(host !== undefined && { host }) });
  }

  [Symbol.dispose](): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
