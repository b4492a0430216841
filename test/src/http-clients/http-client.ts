/** What a client is asked to ask. */
export interface Ask {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

/** What it got. */
interface Got {
  readonly status: number;
  readonly body: string;
}

/** A client library, set up to keep connections and never to try again. */
export interface HttpClient {
  /** @throws whatever the library throws when a request gets no answer */
  ask(ask: Ask): Promise<Got>;
  /** Let go of its connections. */
  close(): Promise<void>;
}

/** One row: how a library is set up for a service at `origin`, for so many requests at once. */
export interface HttpClientKind {
  readonly name: string;
  create(origin: string, connections: number): HttpClient;
}
