/**
 * Anything that holds work and can be asked to let go of it: an HTTP server,
 * a WebSocket server, a queue consumer, a cron runner. The lifecycle drives
 * all of them through the same four steps and knows nothing else about them.
 */
export interface Drainable {
  /** Unique under one lifecycle; it stands in the report and in the metrics. */
  readonly name: string;
  /** Still take work, but tell every client that this is the last time. */
  lameDuck?(): void;
  /**
   * Take no new work.
   *
   * @param budgetMs - how long there is until `force()`, in milliseconds
   */
  stopAccepting(budgetMs?: number): void | Promise<void>;
  /**
   * Resolves when the last piece of work is done. Called once, after
   * `stopAccepting`. With a number, so many pieces were dropped on the way.
   */
  drained(): Promise<void | number>;
  /** The deadline has moved closer: there are `remainingMs` milliseconds until `force()`. */
  hurry?(remainingMs: number): void;
  /** The budget is spent: drop what is left, and say how many pieces of work it was. */
  force(): number | Promise<number>;
  /**
   * What goes on, for an adaptive lame-duck and for `graceful.inFlight`.
   * A drainable without it counts as quiet.
   */
  activity?(): Activity;
  /** What was seen since the shutdown began, for the report and the metrics. */
  evidence?(): Evidence | undefined;
}

/** What goes on in a drainable. */
export interface Activity {
  /** Pieces of work begun and not yet done. */
  readonly pending: number;
  /** How many of them do not end by themselves, such as event streams: a lame-duck does not wait for them. */
  readonly longLived?: number;
  /** When the last piece of work came, on `performance.now()`'s clock; `-Infinity` before the first. */
  readonly lastArrivalAt: number;
}

/** What a drainable saw of its clients between the begin and the end of a shutdown. */
export interface Evidence {
  /** What became of its requests. */
  readonly requests: RequestFigures;
  /** How its connections ended. */
  readonly connections: ConnectionEnds;
  /** How long clients went on coming. */
  readonly traffic?: Traffic;
}

/**
 * How long traffic went on after a shutdown began. New connections come from
 * balancers that have not noticed yet: the last of them tells how long that
 * took, and so what a lame-duck must last at least.
 */
export interface Traffic {
  /** Connections that were opened after the begin. */
  readonly connections: number;
  /** When the last of them was opened, in milliseconds after the begin; 0 if there was none. */
  readonly lastConnectionMs: number;
  /** When the last request came, on whichever connection, in milliseconds after the begin; 0 if there was none. */
  readonly lastRequestMs: number;
}

/** What became of requests from the begin of a shutdown on. Probes are not counted. */
export interface RequestFigures {
  /** In flight when the shutdown began. */
  readonly inFlightAtStart: number;
  /** Came in the lame-duck, and were answered whole. */
  readonly servedInLameDuck: number;
  /** Answered whole since the shutdown began. */
  readonly served: number;
  /** Cut at the end of the budget. */
  readonly dropped: number;
}

/** How the connections ended that were open when the shutdown began, or came after. */
export interface ConnectionEnds {
  /** Closed after a last response that said `Connection: close`. */
  readonly told: number;
  /** Closed from this side because the keep-alive promise had run out, or by the app itself. */
  readonly idle: number;
  /** Closed by the client of its own accord. */
  readonly client: number;
  /** Cut: at the end of the budget, or because a request head did not end in time. */
  readonly forced: number;
}
