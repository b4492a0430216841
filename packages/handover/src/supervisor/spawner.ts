import { randomBytes } from 'node:crypto';
import { GenerationProcess, type ProcessParts } from '../generation/generation-process.js';
import type { Launch } from '../generation/launch.js';
import { everyServer, type TlsSessions } from '../generation/tls-sessions.js';
import type { Json } from '../wire/messages.js';
import type { HeldSockets } from './held-sockets.js';
import type { ResolvedSupervisor } from './options.js';
import { serves } from './readiness.js';

/** Hears of each process. */
export type ProcessListener = Required<Pick<ProcessParts, 'onState' | 'onOddity' | 'onExtend'>>;

/** Starts the processes of all generations, each with the same sockets. */
export class Spawner {
  readonly #options: ResolvedSupervisor;
  readonly #sockets: HeldSockets;
  /** So that clients can resume their TLS sessions with every process there will be. */
  readonly #sessions: TlsSessions = {
    ticketKeys: { [everyServer]: randomBytes(48).toString('base64') },
    // At most 32 bytes (SSL_MAX_SID_CTX_LENGTH).
    sessionContexts: { [everyServer]: randomBytes(16).toString('hex') },
  };

  constructor(options: ResolvedSupervisor, sockets: HeldSockets) {
    this.#options = options;
    this.#sockets = sockets;
  }

  start(
    generation: number,
    launch: Launch,
    state: Json | undefined,
    listener: (pid: () => number | undefined) => ProcessListener,
  ): GenerationProcess {
    const { readyMs, listenMs, terminateMs, stopSignal, readiness } = this.#options;
    const waiting = new AbortController();
    // One that cannot be started at all says so before it is there.
    let started: GenerationProcess | undefined;
    const { onState, ...others } = listener(() => started?.pid);
    started = new GenerationProcess({
      generation,
      form: 'supervisor',
      launch: readiness.kind === 'channel' ? withJoin(launch) : launch,
      sockets: this.#sockets.list,
      inheritance: { ...(state !== undefined && { state }), ...this.#sessions },
      readyMs,
      listenMs,
      terminateMs,
      stopSignal,
      // Ctrl-C is for the supervisor alone, which then tells its processes.
      detached: true,
      onState: (now) => {
        // One that speaks for itself is believed; of all others it is known by now, or needless.
        waiting.abort();
        onState(now);
      },
      ...others,
    });
    const { pid } = started;
    if (readiness.kind !== 'channel' && pid !== undefined) {
      serves(readiness, pid, waiting.signal).then(
        () => started?.noteReady(),
        () => {},
      );
    }
    return started;
  }
}

/** Node services join the protocol without knowing of it: this is loaded before them. */
function withJoin(launch: Launch): Launch {
  const join = `--import=${new URL('../join.js', import.meta.url).href}`;
  const { NODE_OPTIONS } = launch.environment;
  const options = NODE_OPTIONS ? `${join} ${NODE_OPTIONS}` : join;
  return { ...launch, environment: { ...launch.environment, NODE_OPTIONS: options } };
}
