/**
 * What a supervisor is to whoever controls it. The supervisor implements
 * {@link ControlTarget}; the control socket and the command line know nothing
 * else of it. Whatever is told here is plain JSON.
 */
export interface ControlTarget {
  /** How things are at this moment. */
  status(): SupervisorStatus;
  /** Start a new generation, and let the old one leave when the new one serves. */
  upgrade(request: UpgradeRequest): Progress;
  /** Go back to the generation before this one: the same as an upgrade to what that one ran. */
  rollback(): Progress;
  /** Let the processes finish their work and leave; the supervisor stays, and its sockets with it. */
  drain(): Progress;
  /** Let the processes finish their work and leave, then end the supervisor. */
  stop(): Progress;
}

/** What the next generation is to run. */
export interface UpgradeRequest {
  /**
   * The program and its arguments.
   *
   * @defaultValue what runs now
   */
  readonly command?: readonly string[];
  /**
   * The folder to start it in, as an absolute path.
   *
   * @defaultValue the one that the present generation was started in
   */
  readonly cwd?: string;
}

/** Something that takes its time, to be watched. It goes on whether anybody watches or not. */
export interface Progress {
  /** What happens on the way, from the beginning; ends before `done` settles or with it. */
  readonly events: AsyncIterable<ProgressEvent>;
  /** What became of it. A target never rejects it: whatever goes wrong is an outcome. */
  readonly done: Promise<Outcome>;
}

/** Something happened on the way. */
export type ProgressEvent =
  /** A stage begins; the one before it is over. */
  | {
      readonly event: 'stage';
      /** What it is about: `precheck`, `start`, `handover`, `healthcheck`, `success`, `failed`, … */
      readonly stage: string;
      /** The number of the generation that it is about. */
      readonly generation?: number;
      /** More about it, for people. */
      readonly text?: string;
    }
  /** Worth telling, and changes no stage: a worker that was started, a deadline that was put off. */
  | { readonly event: 'note'; readonly text: string; readonly generation?: number };

/** What became of a request. */
export interface Outcome {
  /**
   * `ok`: it is done. `failed`: it was tried, and what served before still
   * serves. `refused`: it was not even tried.
   */
  readonly done: 'ok' | 'failed' | 'refused';
  /** Why, for programs: one of a bounded list. */
  readonly code?: string;
  /** Why, for people. */
  readonly message?: string;
}

/** How a supervisor and its processes are. */
export interface SupervisorStatus {
  /** Of the service, as it was given. */
  readonly name: string;
  /** Of the supervisor. */
  readonly pid: number;
  /** When the supervisor was started (ISO 8601). */
  readonly startedAt: string;
  /** `starting`, `serving`, `upgrading`, `draining`, `drained`, `stopping`, … */
  readonly state: string;
  /** The number of the generation that serves; none does before the first is ready, and after a drain. */
  readonly generation?: number;
  /** Those that it holds. */
  readonly sockets: readonly SocketStatus[];
  /** All that have a process, and those that came to grief lately; the oldest first. */
  readonly generations: readonly GenerationStatus[];
  /** The upgrade that is under way. */
  readonly upgrade?: UpgradeStatus;
  /** Dead processes that nobody has waited for: as PID 1 a supervisor gets everybody's. */
  readonly zombies: number;
}

/** A socket that the supervisor holds. */
export interface SocketStatus {
  /** As `--listen` or the service manager calls it. */
  readonly name: string;
  /** What it is; unknown where it was given and the system does not tell. */
  readonly kind: 'tcp' | 'unix' | 'unknown';
  /** The address that it is bound to. */
  readonly host?: string;
  /** Of TCP. */
  readonly port?: number;
  /** Of a Unix socket. */
  readonly path?: string;
}

/** Processes that were started together. */
export interface GenerationStatus {
  /** Its number, from 1 on. */
  readonly generation: number;
  /** `starting`, `ready`, `active`, `draining`, `exited`, `failed`. */
  readonly state: string;
  /** The program that it runs, with its arguments. */
  readonly command: readonly string[];
  /** ISO 8601. */
  readonly startedAt: string;
  /** ISO 8601. */
  readonly readyAt?: string;
  /** Its processes. */
  readonly workers: readonly WorkerStatus[];
}

/** One process of a generation. */
export interface WorkerStatus {
  /** None, where it could not be started. */
  readonly pid?: number;
  /** Where it stands in the protocol: `spawned`, `hello`, `prepared`, `going`, `ready`, `active`, `draining`, … */
  readonly state: string;
  /** Requests that it works on, where it says so. */
  readonly inFlight?: number;
  /** What it says of itself. */
  readonly text?: string;
  /** How often it was started again after a crash. */
  readonly restarts?: number;
}

/** An upgrade that is under way. */
export interface UpgradeStatus {
  /** What it is about: `precheck`, `start`, `handover`, `healthcheck`, … */
  readonly stage: string;
  /** The number of the new generation. */
  readonly generation?: number;
  /** ISO 8601. */
  readonly startedAt?: string;
}
