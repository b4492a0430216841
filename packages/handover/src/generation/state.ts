/** Why a process was given up before it served, or how it went wrong later. Bounded: metrics carry it. */
type FailureCode =
  /** It could not be started at all. */
  | 'spawn'
  /** It exited before it was ready, with whatever code. */
  | 'exit'
  /** It was not ready in time. */
  | 'timeout'
  /** It said what nobody can understand, or out of turn. */
  | 'protocol'
  /** It speaks another version of the protocol. */
  | 'version'
  /** It said itself that it cannot go on. */
  | 'fatal'
  /** It said that it cannot take what was handed on. */
  | 'state'
  /** Whoever started it changed their mind. */
  | 'aborted';

/** What went wrong, for programs and for people. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Where one process of a generation stands, as the one that started it sees
 * it. Deadlines are on a monotonic clock, in milliseconds.
 */
export type ProcessState =
  /** Started, and has said nothing. */
  | { readonly name: 'spawned'; readonly deadline: number; readonly longest: number }
  /** Speaks our protocol, and prepares. */
  | { readonly name: 'hello'; readonly deadline: number; readonly longest: number }
  /** Everything is done except listening; waits to be told. */
  | { readonly name: 'prepared' }
  /** Was told to listen. */
  | { readonly name: 'going'; readonly deadline: number; readonly longest: number }
  /** Listens and serves; what came before does so too. */
  | { readonly name: 'ready' }
  /** It is the one. */
  | { readonly name: 'active' }
  /** Another has taken over, or the service ends: it finishes what it has. */
  | { readonly name: 'draining' }
  /** Given up, and not yet gone. */
  | { readonly name: 'failed'; readonly failure: Failure }
  | { readonly name: 'exited'; readonly exit: Exit; readonly failure?: Failure };

/** The name of a {@link ProcessState}. */
export type ProcessStateName = ProcessState['name'];

export type ProcessEvent =
  | { readonly type: 'hello' }
  | { readonly type: 'prepared' }
  | { readonly type: 'go'; readonly listenMs: number }
  | { readonly type: 'ready' }
  /** A program that does not speak our protocol says that it serves. */
  | { readonly type: 'plain-ready' }
  | { readonly type: 'activate' }
  | { readonly type: 'drain' }
  /** It asks for this much from now. */
  | { readonly type: 'extend'; readonly ms: number }
  /** Time has passed. */
  | { readonly type: 'tick' }
  | { readonly type: 'fail'; readonly failure: Failure }
  | { readonly type: 'exit'; readonly exit: Exit };

/** How often over a deadline may be put off: to this many times its first length. */
const mostExtension = 10;

/** A process just started. */
export function spawned(now: number, readyMs: number): ProcessState {
  return { name: 'spawned', deadline: now + readyMs, longest: now + readyMs * mostExtension };
}

/**
 * The state after `event`, or `state` itself where the event means nothing.
 * The one place where a state comes from. What a process says out of turn is
 * no event here but a failure; {@link outOfTurn} tells.
 *
 * | state    | hello | prepared | go    | ready | plain-ready | activate | drain    | deadline | exit   |
 * | -------- | ----- | -------- | ----- | ----- | ----------- | -------- | -------- | -------- | ------ |
 * | spawned  | hello |          |       |       | ready       |          | draining | failed   | exited |
 * | hello    |       | prepared |       |       | ready       |          | draining | failed   | exited |
 * | prepared |       |          | going |       | ready       |          | draining |          | exited |
 * | going    |       |          |       | ready | ready       |          | draining | failed   | exited |
 * | ready    |       |          |       |       |             | active   | draining |          | exited |
 * | active   |       |          |       |       |             |          | draining |          | exited |
 * | draining |       |          |       |       |             |          |          |          | exited |
 * | failed   |       |          |       |       |             |          |          |          | exited |
 *
 * `fail` leads to `failed` from each state before `exited`, but for
 * `draining`: what already leaves is not given up. An exit before `active`
 * is a failure, whatever the code.
 */
export function next(state: ProcessState, event: ProcessEvent, now: number): ProcessState {
  if (state.name === 'exited') return state;
  if (event.type === 'exit') return exited(state, event.exit);
  if (state.name === 'draining' || state.name === 'failed') return state;
  if (event.type === 'fail') return { name: 'failed', failure: event.failure };
  if (event.type === 'drain') return { name: 'draining' };
  if (event.type === 'plain-ready' && state.name !== 'active') return { name: 'ready' };
  switch (state.name) {
    case 'spawned':
      return event.type === 'hello' ? { ...state, name: 'hello' } : timed(state, event, now);
    case 'hello':
      return event.type === 'prepared' ? { name: 'prepared' } : timed(state, event, now);
    case 'prepared': {
      if (event.type !== 'go') return state;
      return { name: 'going', deadline: now + event.listenMs, longest: now + event.listenMs * mostExtension };
    }
    case 'going':
      return event.type === 'ready' ? { name: 'ready' } : timed(state, event, now);
    case 'ready':
      return event.type === 'activate' ? { name: 'active' } : state;
    case 'active':
      return state;
  }
}

/** What may be said in each state; anything else is a breach, or came too late to mean anything. */
const inTurn: Readonly<Record<'hello' | 'prepared' | 'ready', ProcessStateName>> = {
  hello: 'spawned',
  prepared: 'hello',
  ready: 'going',
};

/** Whether a process says `word` where it has no place: twice, too early, or after it was given up. */
export function outOfTurn(state: ProcessState, word: keyof typeof inTurn): boolean {
  return state.name !== inTurn[word];
}

type Timed = Extract<ProcessState, { deadline: number }>;

function timed(state: Timed, event: ProcessEvent, now: number): ProcessState {
  if (event.type === 'extend') {
    // Only ever longer, and not for ever.
    return { ...state, deadline: Math.min(state.longest, Math.max(state.deadline, now + event.ms)) };
  }
  if (event.type !== 'tick' || now < state.deadline) return state;
  const waitedFor = { spawned: 'a first word', hello: 'it to be prepared', going: 'it to listen' }[
    state.name
  ];
  return {
    name: 'failed',
    failure: { code: 'timeout', message: `its time is up, waiting for ${waitedFor}` },
  };
}

function exited(state: Exclude<ProcessState, { name: 'exited' }>, exit: Exit): ProcessState {
  if (state.name === 'failed') return { name: 'exited', exit, failure: state.failure };
  if (state.name === 'draining') return { name: 'exited', exit };
  const message = `it exited ${describeExit(exit)} ${state.name === 'active' ? 'while it was the active one' : `in the state "${state.name}"`}`;
  return { name: 'exited', exit, failure: { code: 'exit', message } };
}

/** "with code 1", "by SIGKILL". */
export function describeExit({ code, signal }: Exit): string {
  return signal ? `by ${signal}` : `with code ${code}`;
}
