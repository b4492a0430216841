import { type Address } from '@graceful/conformance/client';

/** A place behind a proxy, with one backend at a time. */
export type Place = string;

/** Where the backends of the places listen. */
export type Ports = Readonly<Record<Place, number>>;

/** What it takes to replace one backend; a way decides when. */
export interface Steps {
  /** Where the old one listens. */
  readonly old: Address;
  /** Start a new one, on this port or whatever port is free; resolves with its port when it is ready. */
  start(port?: number): Promise<number>;
  /** Send SIGTERM to the old one; resolves when clients have been answered for a while since. */
  terminate(): Promise<void>;
  /** The proxy sends nothing new to the old one: let it end its lame-duck. Resolves when it has gone. */
  gone(): Promise<void>;
}

/** A proxy, and the way in which its operator replaces what is behind it. */
export interface Way {
  /** Where clients connect. */
  readonly address: Address;
  /** Replace the backend of a place; resolves when the new one serves and the old one has gone. */
  replace(place: Place, steps: Steps): Promise<void>;
  /** What the proxy itself has to complain about. */
  complaints(): Promise<readonly string[]>;
  /** What the proxy has said. */
  readonly log: string;
  /** End the proxy. */
  end(): Promise<void>;
}

/** One row: a way, as a sentence, and how it begins. */
export interface WayKind {
  readonly name: string;
  /** Where clients keep their connections to the proxy, or must not. */
  readonly clients: 'kept-alive' | 'fresh';
  begin(ports: Ports): Promise<Way>;
}
