import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { HandoverError } from '../handover-error.js';
import { duration } from '../options.js';
import { type LastLine, parseAnswer } from './answer.js';
import { answerLines } from './answer-lines.js';
import { controlPlaces } from './place.js';
import { expectPrivate } from './private-folder.js';
import { Progression } from './progression.js';
import { type ControlRequest, controlVersion } from './request.js';
import type { ControlTarget, Progress, SupervisorStatus, UpgradeRequest } from './target.js';

/** Where a supervisor is to be found: by the path of its control socket, or by its name in the usual places. */
export type ControlAddress = { readonly path: string } | { readonly name?: string };

/** How a {@link ControlClient} asks. */
export interface ControlClientOptions {
  /**
   * How long a supervisor may take to tell how it is, in milliseconds: one
   * that was stopped (SIGSTOP) still lets whoever asks connect. What takes its
   * time, such as an upgrade, is waited for as long as it takes.
   *
   * @defaultValue 5_000
   */
  readonly statusMs?: number;
}

/** Talks to the supervisor behind a control socket. Each request is a connection of its own. */
export class ControlClient implements Pick<ControlTarget, 'upgrade' | 'rollback' | 'drain' | 'stop'> {
  readonly #address: ControlAddress;
  readonly #statusMs: number;

  constructor(address: ControlAddress = {}, { statusMs }: ControlClientOptions = {}) {
    this.#address = address;
    this.#statusMs = duration('statusMs', statusMs, 5_000);
  }

  /**
   * How things are.
   *
   * @throws {@link HandoverError} `ERR_HANDOVER_CONTROL_NOBODY`,
   * `ERR_HANDOVER_CONTROL_DENIED`, `ERR_HANDOVER_CONTROL_LOST`,
   * `ERR_HANDOVER_CONTROL_ANSWER`, `ERR_HANDOVER_CONTROL_UNSAFE`, `ERR_HANDOVER_OPTION`
   */
  async status(): Promise<SupervisorStatus> {
    const progression = new Progression();
    const { outcome, status } = await this.#ask({ do: 'status' }, progression);
    if (outcome.done === 'ok' && status) return status;
    throw new HandoverError(
      'ERR_HANDOVER_CONTROL_ANSWER',
      `Expected the supervisor to tell how it is, got ${outcome.message ?? outcome.code ?? outcome.done}`,
    );
  }

  /** As {@link ControlTarget.upgrade}; `done` rejects with what {@link ControlClient.status} throws. */
  upgrade(request: UpgradeRequest = {}): Progress {
    return this.#follow({ do: 'upgrade', ...request });
  }

  /** As {@link ControlTarget.rollback}; `done` rejects with what {@link ControlClient.status} throws. */
  rollback(): Progress {
    return this.#follow({ do: 'rollback' });
  }

  /** As {@link ControlTarget.drain}; `done` rejects with what {@link ControlClient.status} throws. */
  drain(): Progress {
    return this.#follow({ do: 'drain' });
  }

  /** As {@link ControlTarget.stop}; `done` rejects with what {@link ControlClient.status} throws. */
  stop(): Progress {
    return this.#follow({ do: 'stop' });
  }

  #follow(request: ControlRequest): Progress {
    const progression = new Progression();
    this.#ask(request, progression).then(
      ({ outcome }) => progression.settle(outcome),
      (error: Error) => progression.lose(error),
    );
    return progression;
  }

  /** The last line; what comes before it goes to `progression`. */
  async #ask(request: ControlRequest, progression: Progression): Promise<LastLine> {
    const socket = await connectTo(this.#address);
    let late = false;
    const giveUp = () => {
      late = true;
      socket.destroy();
    };
    const timer = request.do === 'status' ? setTimeout(giveUp, this.#statusMs) : undefined;
    try {
      socket.write(`${JSON.stringify({ v: controlVersion, ...request })}\n`);
      for await (const line of answerLines(socket)) {
        const answer = parseAnswer(line);
        if (answer.kind === 'last') return answer.last;
        progression.tell(answer.event);
      }
    } finally {
      clearTimeout(timer);
      socket.destroy();
    }
    throw new HandoverError(
      'ERR_HANDOVER_CONTROL_LOST',
      late
        ? `Expected the supervisor to answer within ${this.#statusMs} ms, got nothing: it hangs, or was stopped (SIGSTOP).`
        : 'Expected an answer of the supervisor, got the end of the connection: it has ended, or was ended.',
    );
  }
}

/** The first place where somebody answers. */
async function connectTo(address: ControlAddress): Promise<Socket> {
  if ('path' in address) {
    const reached = await reach(address.path);
    if (!(reached instanceof Error)) return reached;
    throw failure(reached, [address.path]);
  }
  const places = controlPlaces(address.name);
  let last: NodeJS.ErrnoException | undefined;
  for (const place of places) {
    const error = unsafe(place);
    if (error instanceof HandoverError) throw error;
    const reached = error ?? (await reach(place));
    if (!(reached instanceof Error)) return reached;
    last = reached;
    if (!isNobody(last)) break;
  }
  throw failure(last as NodeJS.ErrnoException, places);
}

/** In a place that everybody knows, somebody else may have been first. */
function unsafe(place: string): NodeJS.ErrnoException | undefined {
  try {
    expectPrivate(dirname(place));
    return undefined;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

function reach(path: string): Promise<Socket | NodeJS.ErrnoException> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      // Whoever resets it has ended it: the end is what is looked at.
      socket.on('error', () => {});
      resolve(socket);
    });
    socket.once('error', resolve);
  });
}

function isNobody({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR';
}

function failure(cause: NodeJS.ErrnoException, places: readonly string[]): HandoverError {
  const where = places.join(' or ');
  if (isNobody(cause)) {
    return new HandoverError(
      'ERR_HANDOVER_CONTROL_NOBODY',
      `Expected a supervisor at ${where}, got nobody (${cause.code}). Is it running, as this user, and under this name? See --name and --control.`,
      { cause },
    );
  }
  if (cause.code === 'EACCES' || cause.code === 'EPERM') {
    return new HandoverError(
      'ERR_HANDOVER_CONTROL_DENIED',
      `Expected to be let in at ${where}, got ${cause.code}: only the user of the supervisor, and root, may talk to it.`,
      { cause },
    );
  }
  return new HandoverError(
    'ERR_HANDOVER_CONTROL_NOBODY',
    `Expected a supervisor at ${where}, got ${cause.message}.`,
    { cause },
  );
}
