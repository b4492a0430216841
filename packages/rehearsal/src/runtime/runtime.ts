import type { PodIdentity } from '../spec/environment.js';

/** How a container ended. */
export interface ContainerExit {
  /** Its exit code; 128 and the signal's number where a signal ended it. */
  readonly code: number;
  /** What ended it, where that is known. */
  readonly signal?: NodeJS.Signals;
}

/** What is to be started. */
export interface ContainerRequest {
  /** Whose container it is. */
  readonly pod: PodIdentity;
  /** What it is called there. */
  readonly name: string;
  /** How often it was started before. */
  readonly restarts: number;
  /** For runtimes that have images. */
  readonly image: string | undefined;
  /** The program; without one, that of the image. */
  readonly command: readonly string[];
  /** Its arguments. */
  readonly args: readonly string[];
  /** Its variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** The folder to start it in. */
  readonly workingDir: string | undefined;
  /** Is given what it prints, on either of its outputs. */
  readonly onOutput: (text: string) => void;
}

/** Where something is reached from the node, which is here. */
export interface NodeAddress {
  /** A name, or an address. */
  readonly host: string;
  /** The TCP port. */
  readonly port: number;
}

/** A container that runs. */
export interface RunningContainer {
  /** As the runtime calls it: a pid, the id of a container. */
  readonly id: string;
  /** Resolves when its main process has ended, and with it all that it had started. */
  readonly exited: Promise<ContainerExit>;
  /** Send its main process a signal; to one that has ended, nothing. */
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL to all of it. */
  kill(): void;
  /** Where `port` of it is reached. */
  address(port: number): NodeAddress;
  /**
   * Run a program beside its main process, and resolve with its exit code; it
   * ends at the latest with the container, or when `signal` is aborted.
   */
  exec(command: readonly string[], signal?: AbortSignal): Promise<number>;
}

/** Runs containers: the part of a node that this emulation takes as it is. Processes by default; `docker` can be another. */
export interface Runtime {
  /** An address for the containers of a pod, before there are any. */
  podIp(name: string): Promise<string>;
  /** Start a container; resolves when its main process runs. */
  start(request: ContainerRequest): Promise<RunningContainer>;
}
