import {
  type InstanceUpdate,
  type Registered,
  type Registration,
  type StreamEvent,
} from '../protocol/wire.js';
import { BackOff, provenMs } from './back-off.js';
import { EventStream } from './event-stream.js';
import { exchange, type Outcome } from './exchange.js';

/** What an instance shows to be known again. */
type Credentials = Pick<Registered, 'id' | 'token'>;

/** Where the connection to a companion stands; each state has only what it can have. */
type LinkState =
  | { readonly name: 'apart'; readonly retry?: NodeJS.Timeout }
  | { readonly name: 'joining'; readonly stream?: EventStream }
  | { readonly name: 'joined'; readonly stream: EventStream; readonly since: number }
  | { readonly name: 'closed' };

/** What a {@link Link} is made of. */
export interface LinkParts {
  /** Path of the control socket. */
  readonly socket: string;
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly registration: () => Registration;
  readonly onJoined: () => void;
  readonly onEvent: (event: StreamEvent) => void;
  /** It was joined, or was refused, or nobody is there: told when that changes. */
  readonly onApart: (outcome: Outcome) => void;
}

/** Keeps in touch with a companion that may come, go and come back, and says at most what it is asked to. */
export class Link {
  readonly #parts: LinkParts;
  readonly #backOff = new BackOff();
  #state: LinkState = { name: 'apart' };
  #credentials: Credentials | undefined;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  get joined(): boolean {
    return this.#state.name === 'joined';
  }

  /** Register, and try again for as long as it takes. */
  async join(): Promise<void> {
    if (this.#state.name !== 'apart') return;
    clearTimeout(this.#state.retry);
    this.#state = { name: 'joining' };
    const outcome = await this.#register();
    if (this.#isClosed()) return;
    if (this.#credentials === undefined || outcome.type !== 'answer' || !isOk(outcome.status)) {
      this.#apart(outcome);
      return;
    }
    const stream: EventStream = new EventStream({
      socket: this.#parts.socket,
      path: `${pathOf(this.#credentials)}/stream`,
      token: this.#credentials.token,
      timeoutMs: this.#parts.timeoutMs,
      onOpen: () => {
        this.#state = { name: 'joined', stream, since: performance.now() };
        this.#parts.onJoined();
      },
      onEvent: this.#parts.onEvent,
      onEnd: (ending) => this.#apart(ending),
    });
    // It may have ended within its constructor's turn, but not before this one.
    this.#state = { name: 'joining', stream };
  }

  /** Say anew who one is, where that has changed; what is under way goes on. */
  async announce(): Promise<void> {
    if (this.joined) await this.#register();
  }

  /** Whether the companion has taken it. One that does not know this instance any more is joined anew. */
  async update(update: InstanceUpdate): Promise<boolean> {
    const outcome = await this.#tell('PATCH', '', update);
    if (outcome === undefined) return false;
    if (isForgotten(outcome) && this.joined) this.#apart(outcome);
    return outcome.type === 'answer' && isOk(outcome.status);
  }

  /**
   * Say goodbye. One that is not joined tries to be, once: a companion may be
   * there again that was not a moment ago. What it answers, or `undefined`.
   */
  async bye(report: object): Promise<unknown> {
    if (this.#credentials === undefined) await this.#register();
    let outcome = await this.#tell('POST', '/bye', { report });
    if (outcome && isForgotten(outcome)) {
      await this.#register();
      outcome = await this.#tell('POST', '/bye', { report });
    }
    return outcome?.type === 'answer' && isOk(outcome.status) ? outcome.body : undefined;
  }

  /** Be apart, for good. */
  close(): void {
    const state = this.#state;
    this.#state = { name: 'closed' };
    if (state.name === 'apart') clearTimeout(state.retry);
    else if ('stream' in state) state.stream?.close();
  }

  #isClosed(): boolean {
    return this.#state.name === 'closed';
  }

  async #register(): Promise<Outcome> {
    const known = this.#credentials;
    const outcome = await this.#post({ ...this.#parts.registration(), ...known });
    // A companion that was started anew, without what it knew: a new instance, then.
    if (known && (isForgotten(outcome) || isGone(outcome))) {
      this.#credentials = undefined;
      return this.#register();
    }
    if (outcome.type !== 'answer' || !isOk(outcome.status)) return outcome;
    const registered = credentialsOf(outcome.body);
    if (registered === undefined) return { type: 'garbage', why: 'a registration without an id and a token' };
    this.#credentials = registered;
    return outcome;
  }

  #post(registration: Registration): Promise<Outcome> {
    const { socket, timeoutMs } = this.#parts;
    return exchange({ socket, timeoutMs, method: 'POST', path: '/v1/instances', body: registration });
  }

  async #tell(method: 'PATCH' | 'POST', path: string, body: object): Promise<Outcome | undefined> {
    const { socket, timeoutMs } = this.#parts;
    const credentials = this.#credentials;
    if (credentials === undefined) return undefined;
    const { token } = credentials;
    return exchange({ socket, timeoutMs, method, path: `${pathOf(credentials)}${path}`, token, body });
  }

  #apart(outcome: Outcome): void {
    const state = this.#state;
    if (state.name === 'closed' || state.name === 'apart') return;
    if (state.name === 'joined' && performance.now() - state.since > provenMs) this.#backOff.reset();
    if ('stream' in state) state.stream?.close();
    const retry = setTimeout(() => void this.join(), this.#backOff.nextMs()).unref();
    this.#state = { name: 'apart', retry };
    this.#parts.onApart(outcome);
  }
}

/** It may be anybody's: what goes into a path or a head must be fit for it. */
const fit = /^[\w.~-]{1,128}$/;

function credentialsOf(body: unknown): Credentials | undefined {
  const { id, token } = (body ?? {}) as { id?: unknown; token?: unknown };
  if (typeof id !== 'string' || typeof token !== 'string') return undefined;
  return fit.test(id) && fit.test(token) ? { id, token } : undefined;
}

function pathOf({ id }: Credentials): string {
  return `/v1/instances/${id}`;
}

function isOk(status: number): boolean {
  return status >= 200 && status < 300;
}

/** It does not know the instance, or not by this token. */
function isForgotten(outcome: Outcome): boolean {
  return outcome.type === 'answer' && [401, 404].includes(outcome.status);
}

/** To a registration: it has seen the instance leave. */
function isGone(outcome: Outcome): boolean {
  return outcome.type === 'answer' && outcome.status === 409;
}
