import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';
import { type Address, listenOn } from '../http/listen-on.js';
import { limits } from '../protocol/wire.js';

/** Where Prometheus asks. */
const path = '/metrics';

/** `GET /metrics`, on a port of its own: figures are for others than probes. */
export class MetricsServer {
  readonly #server: Server;

  constructor(registry: Registry) {
    this.#server = createServer(
      { headersTimeout: limits.requestMs, requestTimeout: limits.requestMs },
      (request, response) => {
        if (request.url?.split('?')[0] !== path || (request.method !== 'GET' && request.method !== 'HEAD')) {
          response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
          response.end(`Not found. This port answers GET ${path}.\n`);
          return;
        }
        registry.metrics().then(
          (text) => {
            response.writeHead(200, { 'content-type': registry.contentType });
            response.end(text);
          },
          () => response.destroy(),
        );
      },
    );
    this.#server.maxConnections = 64;
  }

  /** @throws CompanionError `ERR_COMPANION_LISTEN` */
  listen(address: Address): Promise<Address> {
    return listenOn(this.#server, 'metrics', address);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
