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
  /** Take no new work. */
  stopAccepting(): void | Promise<void>;
  /** Resolves when the last piece of work is done. Called once, after `stopAccepting`. */
  drained(): Promise<void>;
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
  /** When the last piece of work came, on `performance.now()`'s clock; `-Infinity` before the first. */
  readonly lastArrivalAt: number;
}

/** What a drainable saw of its clients between the begin and the end of a shutdown. */
export interface Evidence {
  readonly requests: {
    readonly inFlightAtStart: number;
    readonly servedInLameDuck: number;
    readonly served: number;
    readonly dropped: number;
  };
  readonly connections: {
    readonly told: number;
    readonly idle: number;
    readonly client: number;
    readonly forced: number;
  };
}
