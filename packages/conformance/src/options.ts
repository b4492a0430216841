/** A request of the service: `'GET /orders'`, or its parts. */
export type RequestOption = string | RequestParts;

/** A request by its parts. */
export interface RequestParts {
  /**
   * In capitals.
   *
   * @defaultValue `'GET'`, or `'POST'` with a body
   */
  readonly method?: string;
  /** With its query, as it goes over the wire. */
  readonly path: string;
  /** Beside `Host` and the length of the body, which are there by themselves. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is. */
  readonly body?: string;
}

/** A request whose answer takes time. */
export interface TimedRequest extends RequestParts {
  /**
   * From the request to the end of its answer, in milliseconds; about. Best
   * longer than the lame-duck: what is shorter is over before the drain begins.
   */
  readonly takesMs: number;
}

/** A request with a body that goes out slowly. */
export interface UploadRequest {
  /**
   * In capitals.
   *
   * @defaultValue `'POST'`
   */
  readonly method?: string;
  /** With its query, as it goes over the wire. */
  readonly path: string;
  /** Beside `Host` and the length of the body, which are there by themselves. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * What is sent.
   *
   * @defaultValue 300,000 bytes of text
   */
  readonly body?: string;
}

/** What the service can be asked. Rows that need one which is not given are skipped, and say so. */
export interface RequestOptions {
  /** Answered at once. It is sent very often: let it change nothing. */
  readonly quick: RequestOption;
  /** Answered after a while, in one piece. */
  readonly slow?: TimedRequest;
  /** Answered with 8 MiB or more, which no kernel buffer holds. */
  readonly large?: RequestOption;
  /** Reads its whole body before it answers. */
  readonly upload?: UploadRequest | string;
  /** Begins its answer at once, and goes on until `takesMs` have passed. */
  readonly stream?: TimedRequest;
  /** Never answered. */
  readonly endless?: RequestOption;
  /** An event stream (`text/event-stream`) that goes on until the service leaves. */
  readonly events?: RequestOption;
  /** The path of a WebSocket that the service keeps open. */
  readonly websocket?: string;
}

/** What the service says of its own departure; it is held to that. In milliseconds. */
export interface PromiseOptions {
  /**
   * For how long it goes on accepting connections after the signal.
   *
   * @defaultValue 0: no promise
   */
  readonly lameDuckMs?: number;
  /**
   * For how long, after that, a kept-alive connection that nobody uses may hold the exit.
   *
   * @defaultValue 5_000, as Node's `keepAliveTimeout`
   */
  readonly idleMs?: number;
  /** When it is gone, whatever its clients do, counted from the signal. Without it that row is skipped. */
  readonly deadlineMs?: number;
  /**
   * From the end of the last work to the exit.
   *
   * @defaultValue 1_000: a machine that runs tests is busy
   */
  readonly exitLagMs?: number;
}

/** Where the service says whether it is ready. */
export interface ReadinessOption {
  /** It answers 200 while the service is ready. */
  readonly path: string;
  /**
   * Where it is asked for.
   *
   * @defaultValue the port of the service
   */
  readonly port?: number;
  /** The environment variable that tells the service which port to use for it; a free one is chosen. */
  readonly portVariable?: string;
}

/**
 * A request over HTTP/2 whose answer takes time; with TLS by ALPN, without by
 * prior knowledge (h2c).
 */
export interface Http2Option {
  /** With its query. It is asked for with GET. */
  readonly path: string;
  /** From the request to the end of its answer, in milliseconds; about. */
  readonly takesMs: number;
  /**
   * Where it is asked for.
   *
   * @defaultValue the port of the service
   */
  readonly port?: number;
  /** The environment variable that tells the service which port to use for HTTP/2; a free one is chosen. */
  readonly portVariable?: string;
}

/** A server, and what is to be known of it. */
export interface ConformanceOptions {
  /** The program and its arguments. It is started anew for each row, and gets the signal itself: no shell, no npm. */
  readonly command: readonly string[];
  /**
   * Where the program is started.
   *
   * @defaultValue the working directory of this process
   */
  readonly cwd?: string;
  /** Added to the environment of this process, less what a test runner put there. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * The environment variable that tells the service where to listen: a free port for each start.
   *
   * @defaultValue `'PORT'`
   */
  readonly portVariable?: string;
  /** The port of a service that cannot be told one. The rows then run one after the other. */
  readonly port?: number;
  /**
   * Where the service can be reached.
   *
   * @defaultValue `'127.0.0.1'`
   */
  readonly host?: string;
  /**
   * The service speaks TLS; any certificate will do.
   *
   * @defaultValue `false`
   */
  readonly tls?: boolean;
  /** A path that answers 200 while the service is ready. Without one it is ready when it accepts connections. */
  readonly readiness?: string | ReadinessOption;
  /**
   * Time to become ready, in milliseconds.
   *
   * @defaultValue 20_000
   */
  readonly startMs?: number;
  /** What it can be asked. */
  readonly requests: RequestOptions;
  /** What it can be asked over HTTP/2, if it speaks that. */
  readonly http2?: Http2Option;
  /** What it says of its own departure. */
  readonly promises?: PromiseOptions;
  /**
   * Only these rows, by their ids.
   *
   * @defaultValue all of them
   */
  readonly only?: readonly string[];
  /**
   * How many rows run beside each other. A vitest run has `maxConcurrency` for that, and keeps no number here but 1.
   *
   * @defaultValue 3, or 1 with a fixed `port`
   */
  readonly concurrency?: number;
}
