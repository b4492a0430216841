import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** One service that registers, and listens to its stream. */
export class BenchInstance {
  readonly #socketPath: string;
  readonly #id: string;
  readonly #authorization: string;
  readonly #stream: ClientRequest;
  readonly #agent: Agent = new Agent({ keepAlive: true, maxSockets: 1 });
  /** How often it has said how many requests it had served. */
  said = 0;

  static async join(socketPath: string, name: string): Promise<BenchInstance> {
    const registered = await ask(socketPath, 'POST', '/v1/instances', { name, pid: process.pid });
    const { id, token } = registered as { id: string; token: string };
    const stream = request({
      socketPath,
      path: `/v1/instances/${id}/stream`,
      headers: { authorization: `Bearer ${token}` },
      agent: false,
    });
    stream.on('error', () => {}).end();
    const [response] = (await once(stream, 'response')) as [IncomingMessage];
    response.on('error', () => {}).resume();
    return new BenchInstance(socketPath, id, token, stream);
  }

  private constructor(socketPath: string, id: string, token: string, stream: ClientRequest) {
    this.#socketPath = socketPath;
    this.#id = id;
    this.#authorization = `Bearer ${token}`;
    this.#stream = stream;
  }

  /** One message, as it goes over the wire. */
  #message(): string {
    this.said++;
    return JSON.stringify({ inFlight: this.said % 10, served: this.said });
  }

  /** A long request with a message in each line. */
  upstream(): Upstream {
    const outgoing = request({
      socketPath: this.#socketPath,
      method: 'POST',
      path: `/v1/instances/${this.#id}/state`,
      headers: { authorization: this.#authorization, 'content-type': 'application/x-ndjson' },
      agent: false,
    });
    const answered = once(outgoing, 'response').then(async ([response]) => {
      const answer = await text(response as IncomingMessage);
      const { applied } = JSON.parse(answer) as { applied?: number };
      if (applied === undefined) throw new Error(`Expected how many were applied, got ${answer}`);
      return applied;
    });
    return {
      say: (count) => {
        let lines = '';
        for (let index = 0; index < count; index++) lines += `${this.#message()}\n`;
        outgoing.write(lines);
      },
      end: () => {
        outgoing.end();
        return answered;
      },
    };
  }

  /** A request for one message, on a connection that is kept; whether it was taken. */
  async patch(): Promise<boolean> {
    const body = this.#message();
    const outgoing = request({
      socketPath: this.#socketPath,
      method: 'PATCH',
      path: `/v1/instances/${this.#id}`,
      headers: {
        authorization: this.#authorization,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
      agent: this.#agent,
    });
    outgoing.end(body);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    return response.statusCode === 200;
  }

  /** What the companion believes that it has served. */
  async believed(): Promise<number> {
    const headers = { authorization: this.#authorization };
    const { served = 0 } = (await ask(
      this.#socketPath,
      'GET',
      `/v1/instances/${this.#id}`,
      undefined,
      headers,
    )) as {
      served?: number;
    };
    return served;
  }

  leave(): void {
    this.#stream.destroy();
    this.#agent.destroy();
  }
}

/** A long request. */
export interface Upstream {
  /** So many messages. */
  readonly say: (count: number) => void;
  /** How many of them the companion has applied. */
  readonly end: () => Promise<number>;
}

async function ask(
  socketPath: string,
  method: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const outgoing = request({
    socketPath,
    method,
    path,
    headers: { 'content-type': 'application/json', ...headers },
    agent: false,
  });
  outgoing.end(body && JSON.stringify(body));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return JSON.parse(await text(response)) as unknown;
}
