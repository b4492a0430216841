import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import type { InstanceUpdate, Registered, StreamEvent } from '@graceful/companion/protocol';
import { type Address, Connection, within } from '@graceful/conformance/client';
import { type Answer, ask } from './ask.js';

const patienceMs = 30_000;

/** A service that does what a test says, over the wire and nothing else. */
export class Member {
  readonly registered: Registered;
  /** Everything that its stream has said. */
  readonly heard: StreamEvent[] = [];
  /** The stream has ended. */
  readonly streamEnded: Promise<void>;
  readonly #control: Address;
  readonly #request: ClientRequest;
  readonly #watchers = new Set<() => void>();

  static async join(control: Address, registration: object): Promise<Member> {
    const { status, body } = await ask(control, {
      method: 'POST',
      path: '/v1/instances',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(registration),
    });
    if (status !== 201) throw new Error(`Expected to be registered, got ${status}: ${JSON.stringify(body)}`);
    return Member.listen(control, body as Registered);
  }

  /** Open a stream for one that has registered. */
  static async listen(control: Address, registered: Registered): Promise<Member> {
    const outgoing = request({
      socketPath: control.path,
      path: `/v1/instances/${registered.id}/stream`,
      headers: { authorization: `Bearer ${registered.token}` },
      agent: false,
    });
    outgoing.on('error', () => {});
    outgoing.end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    if (response.statusCode !== 200) throw new Error(`Expected a stream, got ${response.statusCode}.`);
    const member = new Member(control, registered, outgoing, response);
    await member.hears('hello');
    return member;
  }

  private constructor(
    control: Address,
    registered: Registered,
    outgoing: ClientRequest,
    stream: IncomingMessage,
  ) {
    this.#control = control;
    this.registered = registered;
    this.#request = outgoing;
    stream.on('error', () => {});
    this.streamEnded = new Promise((resolve) => void stream.once('close', resolve));
    // Nobody else hears of its end.
    const lines = createInterface({ input: stream }).on('error', () => {});
    lines.on('line', (line) => {
      this.heard.push(JSON.parse(line) as StreamEvent);
      for (const wake of this.#watchers) wake();
      this.#watchers.clear();
    });
  }

  get id(): string {
    return this.registered.id;
  }

  get authorization(): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${this.registered.token}` };
  }

  /** The first event of this type, past or to come. */
  async hears<Type extends StreamEvent['type']>(type: Type): Promise<Extract<StreamEvent, { type: Type }>> {
    const found = () => this.heard.find((event) => event.type === type);
    const coming = async () => {
      while (!found()) await new Promise<void>((resolve) => this.#watchers.add(resolve));
    };
    await within(patienceMs, `${type}; so far ${JSON.stringify(this.heard)}`, coming());
    return found() as Extract<StreamEvent, { type: Type }>;
  }

  get told(): string[] {
    return this.heard.map(({ type }) => type);
  }

  says(update: InstanceUpdate): Promise<Answer> {
    return this.#ask('PATCH', '', update);
  }

  bye(report: object): Promise<Answer> {
    return this.#ask('POST', '/bye', { report });
  }

  /** The whole way of one that loses nothing. */
  async leavesClean(): Promise<Answer> {
    await this.says({ state: 'draining', inFlight: 0 });
    const answer = await this.bye({ verdict: 'clean', exitCode: 0, requests: { served: 1, dropped: 0 } });
    this.vanishes();
    return answer;
  }

  /** As a process that is killed: the kernel ends its stream. */
  vanishes(): void {
    this.#request.destroy();
  }

  /** A connection of its own, to say something in pieces. */
  connection(): Promise<Connection> {
    return Connection.open(this.#control);
  }

  #ask(method: string, path: string, body: object): Promise<Answer> {
    return ask(this.#control, {
      method,
      path: `/v1/instances/${this.id}${path}`,
      headers: { 'content-type': 'application/json', ...this.authorization },
      body: JSON.stringify(body),
    });
  }
}
