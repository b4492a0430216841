import type { HandoverOptions } from '@graceful/handover';

/** One of the things that a service listens on. */
export interface Listener {
  readonly name?: string;
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  readonly protocol?: 'http' | 'https' | 'http2';
  readonly backlog?: number;
}

/** What a generation does wrong before it has loaded anything: it speaks the protocol by hand, or not at all. */
export type BeforeLoading =
  | 'exits with 0'
  | 'exits with 3'
  | 'is killed'
  | 'says nothing'
  | 'says nothing, deaf to SIGTERM'
  | 'exits, a process of its own holds the channel'
  | 'says garbage'
  | 'says a line of 100 KB'
  | 'says ready first'
  | 'says hello twice'
  | 'says prepared twice'
  | 'says ready before it was told to listen'
  | 'speaks version 99'
  | 'says the token of another'
  | 'says fatal'
  | 'says what nobody knows, and then starts'
  | 'serves without the protocol';

/** What a service does wrong while it starts. */
export type WhileStarting =
  | 'never listens'
  | 'has a check that never passes'
  | 'exits when it listens'
  | 'is killed when it is ready'
  | 'exits with 0 when it is ready'
  | 'is told to stop when it is ready'
  | 'hangs when it is ready to listen'
  | 'asks for more time';

/** Where a process stops itself (SIGSTOP), so that others can be made to act in between. */
export type Halt = 'before loading' | 'before listen()' | 'listening' | 'ready' | 'active';

/** What one generation does; each by its number. */
export interface Behaviour {
  readonly before?: BeforeLoading;
  readonly starting?: WhileStarting;
  readonly halt?: Halt;
  /** Instead of those of the service. */
  readonly listeners?: readonly Listener[];
  /** Between the word to listen and the moment when it does, in milliseconds. */
  readonly listensAfterMs?: number;
  /** How long it takes after it has asked for more time, in milliseconds. */
  readonly loadsForMs?: number;
}

/** What `state` of the service does. */
export interface StateBehaviour {
  readonly save?: 'counts' | 'throws' | 'hangs' | 'is too large' | 'is no JSON' | 'is large';
  readonly restore?: 'takes' | 'throws' | 'hangs';
  readonly undo?: 'tells' | 'throws' | 'hangs';
}

/** A service that replaces itself, and how its generations behave; in the environment as JSON, under `HANDOVER_TEST`. */
export interface FamilyConfig {
  readonly listeners?: readonly Listener[];
  readonly options?: Omit<HandoverOptions, 'state' | 'metrics'>;
  readonly state?: StateBehaviour;
  readonly drain?: { readonly delayMs?: number; readonly requestsMs?: number; readonly hooksMs?: number };
  readonly probePort?: number;
  readonly generations?: Readonly<Record<number, Behaviour>>;
  readonly metrics?: boolean;
  /** Variables that the next generation is not to have. */
  readonly dropped?: readonly string[];
  /** Bytes of a variable for the next generation: too many for the environment of this one. */
  readonly environmentBytes?: number;
}

/** What a process of the service says, and which. */
export type Notice = { readonly pid: number; readonly generation: number; readonly at: number } & Told;

export type Told =
  /** The program runs; nothing is loaded yet. */
  | {
      readonly type: 'begun';
      readonly argv: readonly string[];
      readonly execArgv: readonly string[];
      readonly execPath: string;
      readonly cwd: string;
      readonly environment: Readonly<Record<string, string | undefined>>;
    }
  | { readonly type: 'halted'; readonly where: Halt }
  | { readonly type: 'ready'; readonly addresses: Readonly<Record<string, Bound>>; readonly parent: string }
  | { readonly type: 'state'; readonly state: string }
  | {
      readonly type: 'stage';
      readonly to: number;
      readonly stage: string;
      readonly code?: string;
      readonly message?: string;
      readonly failedIn?: string;
    }
  | { readonly type: 'restored'; readonly state: unknown }
  | { readonly type: 'undone' }
  | { readonly type: 'log'; readonly level: string; readonly message: string; readonly error?: string }
  | {
      readonly type: 'report';
      readonly verdict: string;
      readonly reason: string;
      readonly errors: readonly string[];
    }
  | { readonly type: 'exit'; readonly code: number };

/** Where a listener ended up. */
export interface Bound {
  readonly port?: number;
  readonly path?: string;
}

/** What can be asked of a process, over its control socket. */
export type Request =
  | { readonly do: 'upgrade' }
  /** Several at once. */
  | { readonly do: 'upgrade often'; readonly times: number }
  | { readonly do: 'descriptors' }
  /** Start a program of the service's own, and say which descriptors and variables it has. */
  | { readonly do: 'start a program' }
  /** Open files until there are no descriptors left. */
  | { readonly do: 'exhaust' }
  | { readonly do: 'relent' }
  | { readonly do: 'change environment'; readonly set: Readonly<Record<string, string>> }
  | { readonly do: 'change folder'; readonly to: string }
  | { readonly do: 'count' }
  | { readonly do: 'metrics' }
  | { readonly do: 'throw from each listener' }
  | { readonly do: 'states' };
