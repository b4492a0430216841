import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { HandoverError } from '@graceful/handover/control';
import { collectDefaultMetrics, Registry } from 'prom-client';

/** Where Prometheus asks; a GET on anything else is answered with this path. */
const path = '/metrics';

/**
 * What the supervisor counts, for Prometheus, on an address of its own: its
 * memory and CPU, the generation, and how upgrades went.
 */
export class MetricsEndpoint {
  readonly register: Registry = new Registry();
  readonly #server: Server;

  constructor() {
    collectDefaultMetrics({ register: this.register });
    this.#server = createServer((request, response) => {
      if (request.url?.split('?')[0] !== path || (request.method !== 'GET' && request.method !== 'HEAD')) {
        response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' });
        response.end(`Not found. This port answers GET ${path}.\n`);
        return;
      }
      void this.register.metrics().then((text) => {
        response.writeHead(200, { 'Content-Type': this.register.contentType });
        response.end(text);
      });
    });
  }

  /**
   * @throws HandoverError `ERR_HANDOVER_LISTEN`
   */
  async listen(address: { readonly port?: number; readonly host?: string }): Promise<void> {
    this.#server.listen(address);
    try {
      await once(this.#server, 'listening');
    } catch (cause) {
      const where = `${address.host ?? '*'}:${address.port}`;
      throw new HandoverError(
        'ERR_HANDOVER_LISTEN',
        `Expected ${where} to be free for metrics, got ${(cause as Error).message}. Choose another address.`,
        { cause },
      );
    }
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
