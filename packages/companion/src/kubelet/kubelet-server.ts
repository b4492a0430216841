import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { answer, asRefused, refuse } from '../http/answer.js';
import { refuseClient } from '../http/client-error.js';
import { type Address, listenOn } from '../http/listen-on.js';
import type { Readiness } from '../pod/readiness.js';
import { nameOf, shown } from '../protocol/check.js';
import { Refused } from '../protocol/refused.js';
import { limits } from '../protocol/wire.js';
import type { Holds } from './holds.js';

/** Probes are short; whoever sends more is no kubelet. */
const headBytes = 4_096;
/** The kubelet opens a connection for each probe; everybody in the cluster can reach this port. */
const mostConnections = 256;

/** What the port is answered from. */
export interface KubeletRoom {
  readonly holds: Holds;
  /** Of the pod, or of one container. */
  readonly readiness: (container: string | undefined) => Readiness;
  /** Of one container; the companion itself has started when it answers. */
  readonly started: (container: string) => Readiness;
  readonly refused: (refused: Refused) => void;
  readonly defect: (error: unknown) => void;
}

type Handler = (
  room: KubeletRoom,
  container: string | undefined,
  response: ServerResponse,
) => void | Promise<void>;

const routes: Readonly<Record<string, Handler>> = {
  '/livez': (_room, _container, response) => answer(response, 200, { status: 'ok' }),
  '/startupz': ({ started }, container, response) =>
    answerProbe(response, container === undefined ? { isReady: true, waitsFor: [] } : started(container)),
  '/readyz': ({ readiness }, container, response) => answerProbe(response, readiness(container)),
  '/hold': hold,
};

const paths = Object.keys(routes).join(', ');

/**
 * The port that the kubelet asks at: it reads, and nothing that is asked here
 * changes anything. Whoever else in the cluster asks learns whether the pod is ready.
 */
export class KubeletServer {
  readonly #room: KubeletRoom;
  readonly #server: Server;

  constructor(room: KubeletRoom) {
    this.#room = room;
    this.#server = createServer(
      {
        maxHeaderSize: headBytes,
        headersTimeout: limits.requestMs,
        requestTimeout: limits.requestMs,
        connectionsCheckingInterval: 1_000,
        keepAliveTimeout: limits.requestMs,
      },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.maxConnections = mostConnections;
    this.#server.on('clientError', (error, socket) => {
      const refused = refuseClient(error, socket as Socket, headBytes);
      if (refused) room.refused(refused);
    });
  }

  /** @throws CompanionError `ERR_COMPANION_LISTEN` */
  listen(address: Address): Promise<Address> {
    return listenOn(this.#server, 'kubelet', address);
  }

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
      const refused = asRefused(error, this.#room.defect);
      this.#room.refused(refused);
      refuse(request, response, refused);
    }
  }

  #answer({ method = 'GET', url = '/' }: IncomingMessage, response: ServerResponse): void | Promise<void> {
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    const handler = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (!handler) throw new Refused('not-found', `expected one of ${paths}, got ${shown(path)}`);
    if (method !== 'GET' && method !== 'HEAD') {
      throw new Refused('method', `expected GET: this port changes nothing, got ${method}`, {
        allow: 'GET, HEAD',
      });
    }
    const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
    const container = query.get('container');
    return handler(this.#room, container === null ? undefined : nameOf('`container`', container), response);
  }
}

function answerProbe(response: ServerResponse, { isReady, waitsFor }: Readiness): void {
  const body = isReady ? { status: 'ok' } : { status: 'unavailable', waitsFor };
  answer(response, isReady ? 200 : 503, body);
}

async function hold(
  { holds }: KubeletRoom,
  container: string | undefined,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  answer(response, 200, await holds.hold(container, gone.signal));
}
