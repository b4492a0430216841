import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { GracefulError } from '../../errors.js';
import { speaksOverTls } from '../../http-server.js';

/** The events with which a server hands out a request. */
export type RequestEvent = 'request' | 'checkContinue' | 'checkExpectation';

/** Hands a request to the listeners of its server. */
export type Dispatch = (event: RequestEvent, request: IncomingMessage, response: ServerResponse) => void;

/** What is done before the listeners of a server hear of something. */
export interface Interceptor {
  /** A connection that speaks HTTP from here on; with TLS, one whose handshake is done. */
  connection(socket: Socket): void;
  /** With TLS, a connection whose handshake begins. */
  handshake(socket: Socket): void;
  /** A request. True: the interceptor sees to it, by `dispatch` or by itself. */
  request(
    event: RequestEvent,
    request: IncomingMessage,
    response: ServerResponse,
    dispatch: Dispatch,
  ): boolean;
  /** A connection that stops to speak HTTP: an upgrade, or a tunnel. */
  hijack(socket: Socket): void;
  listening(): void;
  close(): void;
}

/** The servers that are intercepted: two that count and tell would do both twice. */
const taken = new WeakSet<Server>();

/**
 * Put `interceptor` before all listeners of `server`, those to come included.
 *
 * It stands in for `server.emit` rather than as one more listener: it must be
 * first, so that synchronous handlers, 404s and errors are covered; it must be
 * able to answer a probe alone; and listening for `upgrade` or `checkContinue`
 * would change what Node does when nobody else listens for them.
 *
 * @throws {@link GracefulError} `ERR_GRACEFUL_SERVER` when another has done so already
 */
export function intercept(server: Server, interceptor: Interceptor): Disposable {
  if (taken.has(server)) {
    throw new GracefulError(
      'ERR_GRACEFUL_SERVER',
      'Expected a server that takes part in one drain, got one that another graceful has attached. Detach it there, or make one graceful for the process.',
    );
  }
  taken.add(server);
  const emit = server.emit as (this: Server, event: string, ...args: unknown[]) => boolean;
  const isOwn = Object.hasOwn(server, 'emit');
  const connectionEvent = speaksOverTls(server) ? 'secureConnection' : 'connection';
  const dispatch: Dispatch = (event, request, response) => void emit.call(server, event, request, response);

  // Its parameters are spelt out, and a request is asked for first, because it runs for every request.
  function intercepted(this: Server, event: string, first?: unknown, second?: unknown): boolean {
    switch (event) {
      case 'request':
      case 'checkContinue':
      case 'checkExpectation':
        if (interceptor.request(event, first as IncomingMessage, second as ServerResponse, dispatch))
          return true;
        return emit.call(this, event, first, second);
      case connectionEvent:
        interceptor.connection(first as Socket);
        break;
      case 'connection':
        interceptor.handshake(first as Socket);
        break;
      case 'upgrade':
      case 'connect':
        interceptor.hijack((first as IncomingMessage).socket);
        break;
      case 'listening':
        interceptor.listening();
        break;
      case 'close':
        interceptor.close();
        break;
      default:
    }
    // oxlint-disable-next-line prefer-rest-params -- rest parameters would cost a copy with every request
    return Reflect.apply(emit, this, arguments);
  }
  server.emit = intercepted as Server['emit'];
  return {
    [Symbol.dispose]: () => {
      taken.delete(server);
      // Somebody else may have put theirs over ours since; then ours stays beneath it.
      if (server.emit !== intercepted) return;
      if (isOwn) server.emit = emit as Server['emit'];
      else Reflect.deleteProperty(server, 'emit');
    },
  };
}
