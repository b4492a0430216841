import { CompanionError } from '../companion-error.js';
import { duration, knownKeys } from '../options.js';
import type { PodStatus } from '../protocol/status.js';
import type { DrainRequest, Refusal } from '../protocol/wire.js';
import type { DrainReceipt } from '../receipts/receipt.js';
import { type Exchange, exchange, type Outcome } from './exchange.js';
import { socketPath } from './options.js';

/** Which companion is meant, and how long it is waited for. */
export interface CompanionControlOptions {
  /**
   * The companion's control socket.
   *
   * @defaultValue `GRACEFUL_COMPANION` of the environment, else `/run/graceful/control.sock`
   */
  readonly socket?: string;
  /**
   * How long the companion may take to answer, in milliseconds.
   *
   * @defaultValue 5_000
   */
  readonly timeoutMs?: number;
}

/** What may be waited for, of one instance or of all. */
export type WaitGoal = 'ready' | 'lame-duck' | 'drained' | 'gone';

/**
 * Asks the companion of a pod, for whoever operates it. Each question is a
 * connection of its own, and throws a {@link CompanionError}:
 * `ERR_COMPANION_NOBODY`, `ERR_COMPANION_DENIED`, `ERR_COMPANION_LOST`,
 * `ERR_COMPANION_ANSWER`, `ERR_COMPANION_REFUSED`.
 */
export class CompanionControl {
  /** Path of the control socket. */
  readonly socket: string;
  readonly #timeoutMs: number;

  /** @throws CompanionError `ERR_COMPANION_OPTION` */
  constructor(options: CompanionControlOptions = {}) {
    knownKeys('the options of the companion', options, ['socket', 'timeoutMs']);
    this.socket = socketPath(options.socket, process.env);
    this.#timeoutMs = duration('timeoutMs', options.timeoutMs, 5_000);
  }

  /** How the pod is, and everybody in it. */
  async state(): Promise<PodStatus> {
    return (await this.#ask({ method: 'GET', path: '/v1/state' }, isStatus)) as PodStatus;
  }

  /**
   * Have the pod leave, or one instance of it. For the same reason and the
   * same scope twice is once.
   *
   * @returns the drain; it goes on, whoever waits
   */
  async drain(request: DrainRequest): Promise<{ readonly id: string }> {
    const question = { method: 'POST', path: '/v1/drain', body: request } as const;
    return (await this.#ask(question, hasId)) as { id: string };
  }

  /** Of those that have left while this companion ran; the newest of them, where they are many. */
  async receipts(): Promise<readonly DrainReceipt[]> {
    const question = { method: 'GET', path: '/v1/receipts', mostBytes: mostReceiptBytes } as const;
    return ((await this.#ask(question, hasReceipts)) as { receipts: DrainReceipt[] }).receipts;
  }

  /**
   * Whether the goal is reached within `timeoutMs`; of all instances, where no
   * name is given.
   */
  async reached(goal: WaitGoal, timeoutMs: number, of?: string): Promise<boolean> {
    const query = new URLSearchParams({ for: goal, timeoutMs: String(Math.round(timeoutMs)) });
    if (of !== undefined) query.set('of', of);
    // The companion's answer may come as late as that, and takes a moment itself.
    const waitMs = this.#timeoutMs + timeoutMs;
    return (
      (await this.#ask({ method: 'GET', path: `/v1/wait?${query.toString()}` }, () => true, waitMs)) !==
      undefined
    );
  }

  async #ask(
    question: Pick<Exchange, 'method' | 'path' | 'body' | 'mostBytes'>,
    isAnswer: (body: unknown) => boolean,
    timeoutMs: number = this.#timeoutMs,
  ): Promise<unknown> {
    // An instance must end without its companion's answer; whoever asks here wants to have it.
    const stay = setInterval(() => {}, longestMs);
    try {
      const outcome = await exchange({ ...question, socket: this.socket, timeoutMs });
      if (outcome.type !== 'answer') throw this.#unanswered(outcome);
      const { status, body } = outcome;
      if (status >= 400 && isRefusal(body)) {
        throw new CompanionError(
          'ERR_COMPANION_REFUSED',
          `${body.error.message} (${body.error.code}, ${status}).`,
        );
      }
      if (status >= 200 && status < 300 && isAnswer(body)) return body;
      throw this.#unanswered({ type: 'garbage', why: `status ${status}, and not what was asked for` });
    } finally {
      clearInterval(stay);
    }
  }

  #unanswered(outcome: Exclude<Outcome, { type: 'answer' }>): CompanionError {
    const { type, why } = outcome;
    if (type === 'garbage') {
      return new CompanionError(
        'ERR_COMPANION_ANSWER',
        `Expected a companion at ${this.socket}, got ${why}. Look at the path: somebody else listens there.`,
      );
    }
    if (why === 'EACCES' || why === 'EPERM') {
      return new CompanionError(
        'ERR_COMPANION_DENIED',
        `Expected to be let in at ${this.socket}, got ${why}. Become the companion's user, or one of its group.`,
      );
    }
    if (why === 'ENOENT' || why === 'ECONNREFUSED') {
      return new CompanionError(
        'ERR_COMPANION_NOBODY',
        `Expected a companion at ${this.socket}, got nobody (${why}). Is it running, and the volume mounted here?`,
      );
    }
    return new CompanionError(
      'ERR_COMPANION_LOST',
      `Expected an answer at ${this.socket}, got ${why}. Its log says what became of it.`,
    );
  }
}

/** 256 of them, with long reports. */
const mostReceiptBytes = 16 * 1_048_576;

/** As long as a timer can wait: 2^31 - 1 ms. */
const longestMs = 2_147_483_647;

function isStatus(body: unknown): boolean {
  const { pod, instances } = (body ?? {}) as Partial<PodStatus>;
  return typeof pod === 'string' && Array.isArray(instances);
}

function hasReceipts(body: unknown): boolean {
  return Array.isArray((body as { receipts?: unknown } | undefined)?.receipts);
}

function hasId(body: unknown): boolean {
  return typeof (body as { id?: unknown } | undefined)?.id === 'string';
}

function isRefusal(body: unknown): body is Refusal {
  const { code, message } = (body as Partial<Refusal> | undefined)?.error ?? {};
  return typeof code === 'string' && typeof message === 'string';
}
