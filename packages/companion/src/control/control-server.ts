import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { shown } from '../protocol/check.js';
import { Refused } from '../protocol/refused.js';
import { limits } from '../protocol/wire.js';
import { asRefused, refusalText, refuse } from '../http/answer.js';
import { refuseClient } from '../http/client-error.js';
import { type ControlRoom, routes } from './routes.js';
import type { SocketPlace } from './socket-place.js';

/** Descriptors are not endless; each instance needs three, whoever waits one. */
const mostConnections = 2_048;

/** A client that comes often keeps its connection between two requests, for so long. */
const keepAliveMs = 30_000;

/** How a {@link ControlServer} tells of what it sees. */
export interface ControlWatcher {
  readonly refused: (refused: Refused) => void;
  readonly defect: (error: unknown) => void;
}

/** Answers on the control socket: HTTP/1.1 and JSON, for whoever may open it. */
export class ControlServer {
  readonly #room: ControlRoom;
  readonly #watcher: ControlWatcher;
  readonly #server: Server;

  constructor(room: ControlRoom, watcher: ControlWatcher) {
    this.#room = room;
    this.#watcher = watcher;
    this.#server = createServer(
      {
        maxHeaderSize: limits.headBytes,
        headersTimeout: limits.requestMs,
        // The body of a stream of updates never ends; that of any other is given its time where it is read.
        requestTimeout: 0,
        connectionsCheckingInterval: 1_000,
        keepAliveTimeout: keepAliveMs,
      },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.maxConnections = mostConnections;
    this.#server.on('clientError', (error, socket) => {
      const refused = refuseClient(error, socket as import('node:net').Socket);
      if (refused) watcher.refused(refused);
    });
    this.#server.on('connect', (_request, socket) => {
      const refused = new Refused('method', 'expected a request of the control protocol, got CONNECT');
      watcher.refused(refused);
      socket.end(refusalText(refused));
    });
  }

  async listen(place: SocketPlace): Promise<void> {
    await place.listen(this.#server);
  }

  /** Take no more requests; whoever is being answered has `graceMs` to read it. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(timer);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#answer(request, response);
    } catch (error) {
      // It has gone meanwhile: nobody is there to be answered.
      if (request.destroyed && !request.complete) return;
      const refused = asRefused(error, this.#watcher.defect);
      this.#watcher.refused(refused);
      refuse(request, response, refused);
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void | Promise<void> {
    const { method = 'GET', url = '/' } = request;
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    const segments = path.split('/');
    const [, , , id = ''] = segments;
    // `/v1/x/{id}` and `/v1/x/{id}/y` are the only shapes there are.
    const route = segments.length > 3 ? segments.with(3, '*').join('/') : path;
    const methods = Object.hasOwn(routes, route) ? routes[route] : undefined;
    if (!methods || (segments.length > 3 && id === '')) {
      throw new Refused(
        'not-found',
        `expected a path such as /v1/instances or /v1/state, got ${shown(path)}`,
      );
    }
    const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!handler) {
      const allowed = Object.keys(methods).join(', ');
      throw new Refused('method', `expected ${allowed} for ${shown(path)}, got ${method}`, {
        allow: allowed,
      });
    }
    const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
    return handler(this.#room, { request, response, id, query });
  }
}
