import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { ConnectionCounts } from './drain/connection.js';
import type { Drainable } from './drain/drainable.js';
import type { Requested } from './drain/long-lived/long-lived.js';
import type { GracefulEventName, GracefulEvents } from './events.js';
import type { HttpServer } from './http-server.js';
import type { HookOptions, ShutdownHook } from './lifecycle/hook.js';
import type { ShutdownReport } from './lifecycle/report.js';
import type { StateName } from './lifecycle/state.js';
import type { ListenAddress } from './listen/listen.js';
import type { DrainOptions } from './options.js';
import type { Check, CheckOptions } from './probes/check.js';

/** Where a server listens, and what it is called in the report and the metrics. */
export interface ListenOptions extends ListenAddress {
  /**
   * What the server is called.
   *
   * @defaultValue 'http', or 'http 2', 'http 3' … for further servers
   */
  readonly name?: string;
}

/** How a server takes part in the drain. */
export interface AttachOptions {
  /**
   * What the server is called.
   *
   * @defaultValue 'http', or 'http 2', 'http 3' … for further servers
   */
  readonly name?: string;
}

/**
 * One service and its way out. Made by `createGraceful`; one for each process.
 *
 * What is registered hands back a `Disposable` that takes it out again;
 * disposing it twice does nothing.
 */
export interface Graceful {
  /** Where the service stands: `starting → ready → lame-duck → draining → closing → stopped`. */
  readonly state: StateName;
  /** What the shutdown came to; `undefined` before its end. */
  readonly report: ShutdownReport | undefined;
  /** Pieces of work begun and not done: requests whose responses are not wholly flushed, and tracked work. Probes are not counted. */
  readonly inFlight: number;
  /** Connections by their state (Go's ConnState); `closed` counts those that ended since the start. */
  readonly connections: ConnectionCounts;
  /** Aborted when the lame-duck begins: begin no long work any more. */
  readonly draining: AbortSignal;
  /** Aborted when the budget is spent and work is about to be dropped: save what can be saved. */
  readonly expired: AbortSignal;

  /**
   * The service may be ready. Takes back {@link Graceful.notReady}, and stands
   * in for a listening server where there is none. It becomes ready once every
   * check has passed.
   *
   * @throws GracefulError `ERR_GRACEFUL_HOOK_UNKNOWN` when a hook comes after one that was never registered
   */
  ready(): void;
  /** Hold the service back, or take it out of the balancers for a while: `/readyz` answers 503 with `reason`. */
  notReady(reason: string): void;

  /**
   * Count work that is not HTTP until it settles: the drain waits for it. Returns the promise it was given.
   * Work that rejects is logged; handle it as you would without this call.
   */
  track<T>(work: Promise<T>): Promise<T>;
  /**
   * Aborted when it is this request's turn to leave: once the listener is
   * closed, spread over `drain.spreadMs`. For handlers whose work ends only
   * when somebody ends it; asking says that this one sees to its end itself,
   * within `drain.requestsMs`. Event streams need none: they are recognised,
   * and ended whole.
   *
   * @param request - as it was handed to the handler
   * @throws GracefulError `ERR_GRACEFUL_OPTION`
   */
  signalFor(request: Requested): AbortSignal;
  /**
   * Declare a response, a stream of HTTP/2 or an upgraded socket that ends
   * only when somebody ends it. `end` is called when it is its turn to leave,
   * as with {@link Graceful.signalFor}: say goodbye in the words of its
   * protocol, and end it. Until then an adaptive lame-duck does not wait for it.
   *
   * @throws GracefulError `ERR_GRACEFUL_OPTION`
   */
  longLived(holder: Requested, end: () => void | Promise<void>): Disposable;
  /**
   * Let something of yours that holds work take part in the drain.
   *
   * @throws GracefulError `ERR_GRACEFUL_OPTION`, `ERR_GRACEFUL_DUPLICATE_DRAINABLE`, `ERR_GRACEFUL_SHUTDOWN_BEGUN`
   */
  drains(drainable: Drainable): Disposable;
  /**
   * Ask `check` in the background, and let `/readyz` answer 503 with its name while it fails.
   *
   * A service is not ready before each check has passed once.
   *
   * @throws GracefulError `ERR_GRACEFUL_OPTION`, `ERR_GRACEFUL_DUPLICATE_CHECK`, `ERR_GRACEFUL_SHUTDOWN_BEGUN`
   */
  addCheck(name: string, check: Check, options?: CheckOptions): Disposable;
  /**
   * Run `hook` while the service stops. Hooks of a phase run side by side,
   * but for the order that `after` makes. One that throws or hangs is
   * reported, ends the shutdown with code 1, and stops no other.
   *
   * @throws GracefulError `ERR_GRACEFUL_OPTION`, `ERR_GRACEFUL_PHASE`, `ERR_GRACEFUL_DUPLICATE_HOOK`,
   * `ERR_GRACEFUL_HOOK_CYCLE`, `ERR_GRACEFUL_SHUTDOWN_BEGUN`
   */
  onShutdown(name: string, hook: ShutdownHook, options?: HookOptions): Disposable;
  /** Watch. A listener that throws becomes an `error` event and changes nothing else. */
  on<Name extends GracefulEventName>(name: Name, listener: (event: GracefulEvents[Name]) => void): Disposable;

  /**
   * Track the connections and requests of `server`, answer the probes on it,
   * and drain it at the shutdown. Best called before it listens. Calling it
   * twice for a server does nothing.
   *
   * @throws GracefulError `ERR_GRACEFUL_SERVER` if it is not of `node:http`, `node:https` or `node:http2`,
   * `ERR_GRACEFUL_SHUTDOWN_BEGUN`
   */
  attach(server: HttpServer, options?: AttachOptions): Disposable;
  /**
   * Attach a server, or make one for a request handler such as an Express
   * app, and let it listen. Resolves with the listening server.
   *
   * @throws GracefulError `ERR_GRACEFUL_OPTION`, `ERR_GRACEFUL_SERVER`, `ERR_GRACEFUL_PORT_IN_USE`,
   * `ERR_GRACEFUL_LISTEN`, `ERR_GRACEFUL_HOOK_UNKNOWN`, `ERR_GRACEFUL_SHUTDOWN_BEGUN`
   */
  listen<Listening extends HttpServer>(server: Listening, address: ListenOptions): Promise<Listening>;
  /** {@inheritDoc Graceful.(listen:1)} */
  listen(handler: RequestListener, address: ListenOptions): Promise<Server>;

  /**
   * Begin to leave. Many calls share one run; the reason of the first stands.
   * Resolves with the report just before the process exits, or at the end
   * where `exit` is `false`. Never rejects.
   *
   * @param reason - stands in the report and in the log
   */
  shutdown(reason?: string): Promise<ShutdownReport>;
  /**
   * Everything must be over in `remainingMs` from now, in milliseconds: every
   * step that is left gives up the same share of its time. Only ever
   * shortens; before the shutdown it is kept for it.
   *
   * @throws GracefulError `ERR_GRACEFUL_OPTION`
   */
  shortenDeadline(remainingMs: number): void;
  /**
   * Change the budgets of a shutdown that has not begun, as when the
   * configuration changes. What is left out is as `createGraceful` was given
   * it, whatever an earlier call said. Once the shutdown has begun this does
   * nothing: {@link Graceful.shortenDeadline} does.
   *
   * @throws GracefulError `ERR_GRACEFUL_OPTION`; everything stays as it was
   */
  setDrain(drain: DrainOptions): void;
  /**
   * Take everything back: signal handlers, probes, metrics, tracking. The
   * servers go on serving as if nothing had been attached. While a shutdown
   * runs this does nothing: it takes everything back at its end.
   */
  uninstall(): void;
}

/** What an adapter for a framework may do beside its users; see `@graceful/core/adapter`. */
export interface AdapterKit {
  /** False after `uninstall()`: then the adapter stands aside. */
  active(): boolean;
  /** Whether `server` takes part in the drain already. */
  knows(server: unknown): boolean;
  /** Let a server take part that the framework or the user opened; during a shutdown too. */
  adopt(server: HttpServer): void;
  /** Take a request, and its server, that reached the framework before that server was known; true if it was answered, as a probe is. */
  adoptRequest(request: IncomingMessage, response: ServerResponse): boolean;
  /** Answer `request` if it is a probe. */
  answerProbe(request: IncomingMessage, response: ServerResponse): boolean;
  /** The paths on which probes are answered. */
  readonly probePaths: readonly string[];
  /** Over how long the ends of what lives long are spread, in milliseconds. */
  readonly spreadMs: number;
  /** Adopt every server that is recognised when it listens or is first connected to. */
  findServers(isOurs: (server: HttpServer) => boolean): void;
}
