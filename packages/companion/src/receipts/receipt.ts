import type { Farewell } from '../protocol/wire.js';

/** What a departure came to. The order is from good to bad: the worst of several stands for all. */
export const receiptVerdicts = ['clean', 'forced', 'disputed', 'unknown', 'dropped'] as const;

/**
 * What a departure came to. `clean`: nothing lost. `forced`: ended by a
 * deadline or with an error, and nothing is known to be lost. `dropped`:
 * requests were lost. `disputed`: it says clean, and something else does not.
 * `unknown`: nobody has said.
 */
export type ReceiptVerdict = (typeof receiptVerdicts)[number];

/** How the companion learnt that an instance was gone. */
export type ExitWay = 'bye' | 'eof' | 'deadline' | 'never-registered';

/** All of them, for whoever reads a receipt from a file. */
export const exitWays: readonly ExitWay[] = ['bye', 'eof', 'deadline', 'never-registered'];

/** What the kernel said of an instance's ports when it had ended. */
export interface SocketsAtExit {
  /** TCP connections in the state ESTABLISHED. */
  readonly established: number;
  /** Sockets in the state LISTEN. */
  readonly listening: number;
  /** Of the established, those with bytes that were not read, or not sent, yet: in use, by anybody's account. */
  readonly busy: number;
}

/** A hook of the instance, as it tells of it. */
export interface ReceiptHook {
  /** As it was registered. */
  readonly name: string;
  /** `drain`, `close` or `flush`, in `@graceful/core`. */
  readonly phase?: string;
  /** How long it took, in milliseconds. */
  readonly durationMs?: number;
  /** `ok`, `failed`, `timed-out` or `skipped`, in `@graceful/core`. */
  readonly result: string;
}

/** What the companion saw of one departure, at its end. */
export interface SeenDeparture {
  /** Name of the pod; empty where it was not told. */
  readonly pod: string;
  /** `metadata.uid` of the pod; empty where it was not told. */
  readonly podUid: string;
  /** The container, as the manifest names it. */
  readonly container: string;
  /** Id of the instance; empty for one that never registered. */
  readonly instance: string;
  /** What the instance calls itself. */
  readonly name: string;
  /** How often the companion was started in this pod, from 1 on. */
  readonly epoch: number;
  /** Why it left: `pod`, `self`, `operator`, or what else ended it. */
  readonly reason: string;
  /** How it ended, and when. */
  readonly exit: {
    /** How the companion learnt of it. */
    readonly how: ExitWay;
    /** Milliseconds from the begin of its departure to its end. */
    readonly afterMs: number;
  };
  /** Begin of the departure: ISO 8601, UTC. */
  readonly startedAt: string;
  /** End of the departure: ISO 8601, UTC. */
  readonly endedAt: string;
  /** How long it went on serving after it was told, in milliseconds. */
  readonly lameDuckMs: number;
  /** When the last request or connection came, in milliseconds after the begin; 0 if none did. */
  readonly lastArrivalMs: number;
  /** Connections that were tried after its port was closed. */
  readonly lateArrivals: number;
  /** Requests in flight when it ended: by its own word, else connections in use by the kernel's. */
  readonly inFlightAtClose: number;
  /** The most there were at once since the departure began. */
  readonly maxInFlight: number;
  /** Requests answered whole since the departure began. */
  readonly served: number;
  /** What the kernel said of its ports then. */
  readonly sockets: SocketsAtExit;
  /** What was left of its deadline; below 0 it came too late. Milliseconds. */
  readonly deadlineSlackMs: number;
  /** How long new connections went on coming, in milliseconds: how long the cluster took to notice. */
  readonly propagationMs?: number;
  /** What it said itself, where it did. */
  readonly farewell?: Farewell;
}

/** A receipt before it is entered into a book. */
export interface ReceiptBody extends Omit<SeenDeparture, 'farewell'> {
  /** Tells a receipt from other lines of a log. */
  readonly kind: 'graceful.receipt';
  /** Of this shape; fields are added within it, none is renamed. */
  readonly version: 1;
  /** What the departure came to. */
  readonly verdict: ReceiptVerdict;
  /** Requests that were lost: by its own word, and where it had none left, those in flight when it ended. */
  readonly dropped: number;
  /** Connections cut at the end of the budget, by its own word. */
  readonly forcedConnections: number;
  /** Its hooks, by its own word. */
  readonly hooks: readonly ReceiptHook[];
  /** What it said itself, as it said it: the `ShutdownReport`, for a service of `@graceful/core`. */
  readonly report?: Farewell;
}

/** The evidence of one departure: one line of JSON. */
export interface DrainReceipt extends ReceiptBody {
  /** Number of the receipt in its book, from 1 on. */
  readonly seq: number;
  /** `hash` of the receipt before it in the book; empty for the first. */
  readonly previous: string;
  /** SHA-256 of the receipt without this field, as RFC 8785 writes JSON; hexadecimal. */
  readonly hash: string;
  /** Set where room was short, as in a termination log: fields are missing, and `hash` is that of the whole one. */
  readonly shortened?: true;
}
