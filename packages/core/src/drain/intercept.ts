import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { Socket } from 'node:net';
import { GracefulError } from '../errors.js';
import { type HttpServer, isHttp2Server, speaksOverTls } from '../http-server.js';

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
  /** A connection turned out to speak HTTP/2. */
  session(session: ServerHttp2Session): void;
  /** A request over HTTP/2, before anything is made of it. True: the interceptor answers it. */
  stream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean;
  /** A request over HTTP/1.1. True: the interceptor sees to it, by `dispatch` or by itself. */
  request(
    event: RequestEvent,
    request: IncomingMessage,
    response: ServerResponse,
    dispatch: Dispatch,
  ): boolean;
  /** Nothing has come on a connection for as long as Node waits. True: the interceptor sees to it, and Node does not cut it. */
  timeout(socket: Socket): boolean;
  /** A connection that stops to speak HTTP: an upgrade, or a tunnel. */
  hijack(socket: Socket): void;
  listening(): void;
  close(): void;
}

/** Stands in for one that was taken out, where what somebody else put over it keeps it there. */
const nobody: Interceptor = {
  connection: () => {},
  handshake: () => {},
  session: () => {},
  stream: () => false,
  request: () => false,
  hijack: () => {},
  timeout: () => false,
  listening: () => {},
  close: () => {},
};

/** The servers that are intercepted: two that count and tell would do both twice. */
const taken = new WeakSet<HttpServer>();

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
export function intercept(server: HttpServer, interceptor: Interceptor): Disposable {
  if (taken.has(server)) {
    throw new GracefulError(
      'ERR_GRACEFUL_SERVER',
      'Expected a server that takes part in one drain, got one that another graceful has attached. Detach it there, or make one graceful for the process.',
    );
  }
  taken.add(server);
  let current = interceptor;
  const emit = server.emit as (this: HttpServer, event: string, ...args: unknown[]) => boolean;
  const isOwn = Object.hasOwn(server, 'emit');
  const speaksHttp1 = !isHttp2Server(server);
  const connectionEvent = speaksOverTls(server) ? 'secureConnection' : 'connection';
  const dispatch: Dispatch = (event, request, response) => void emit.call(server, event, request, response);

  // Its parameters are spelt out, and a request is asked for first, because it runs for every request.
  function intercepted(
    this: HttpServer,
    event: string,
    first?: unknown,
    second?: unknown,
    third?: unknown,
    fourth?: unknown,
  ): boolean {
    switch (event) {
      case 'request':
      case 'checkContinue':
      case 'checkExpectation':
        // Over HTTP/2 it was counted as a stream before Node made a request of it.
        if (
          (speaksHttp1 || (first as IncomingMessage).httpVersionMajor < 2) &&
          current.request(event, first as IncomingMessage, second as ServerResponse, dispatch)
        ) {
          return true;
        }
        return emit.call(this, event, first, second);
      case 'stream':
        if (current.stream(first as ServerHttp2Stream, second as IncomingHttpHeaders)) return true;
        return emit.call(this, event, first, second, third, fourth);
      case 'session':
        current.session(first as ServerHttp2Session);
        break;
      case connectionEvent:
        current.connection(first as Socket);
        break;
      case 'connection':
        current.handshake(first as Socket);
        break;
      case 'upgrade':
      case 'connect':
        // A tunnel in a stream leaves the rest of its session as it is.
        if ((first as IncomingMessage).httpVersionMajor < 2)
          current.hijack((first as IncomingMessage).socket);
        break;
      case 'timeout':
        // Whoever listens decides what becomes of it.
        if (this.listenerCount('timeout') === 0 && first instanceof Socket && current.timeout(first))
          return true;
        break;
      case 'listening':
        current.listening();
        break;
      case 'close':
        current.close();
        break;
      default:
    }
    // oxlint-disable-next-line prefer-rest-params -- rest parameters would cost a copy with every request
    return Reflect.apply(emit, this, arguments);
  }
  server.emit = intercepted as typeof server.emit;
  return {
    [Symbol.dispose]: () => {
      taken.delete(server);
      current = nobody;
      // Somebody else may have put theirs over ours since; then ours stays beneath it.
      if (server.emit !== intercepted) return;
      if (isOwn) server.emit = emit as typeof server.emit;
      else Reflect.deleteProperty(server, 'emit');
    },
  };
}
