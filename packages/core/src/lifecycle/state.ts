import type { Budget } from './budget.js';

/** Where a service stands in its life: one way, never back, but for `starting ⇄ ready`. */
export type StateName = 'starting' | 'ready' | 'lame-duck' | 'draining' | 'closing' | 'stopped';

/** Why and when a shutdown began. */
interface Stop {
  readonly reason: string;
  /** On the lifecycle's monotonic clock, in milliseconds. */
  readonly at: number;
}

interface BeforeStop {
  readonly since: number;
  /** The instant at which everything must be over, where somebody has said so ahead of time. */
  readonly limit?: number;
}

interface Stopping {
  readonly since: number;
  readonly stop: Stop;
  /** The instant at which the lifecycle leaves this step, whatever happens. */
  readonly deadline: number;
}

/** Each state has only the data that it can have: no deadline before a stop, none after the end. */
export type State =
  | ({ readonly name: 'starting' } & BeforeStop)
  | ({ readonly name: 'ready' } & BeforeStop)
  | ({ readonly name: 'lame-duck'; readonly ahead: Omit<Budget, 'delayMs'> } & Stopping)
  | ({ readonly name: 'draining'; readonly ahead: Omit<Budget, 'delayMs' | 'requestsMs'> } & Stopping)
  | ({ readonly name: 'closing'; readonly step: 'close'; readonly ahead: Pick<Budget, 'flushMs'> } & Stopping)
  | ({ readonly name: 'closing'; readonly step: 'flush' } & Stopping)
  | { readonly name: 'stopped'; readonly since: number; readonly stop: Stop };

export type StateEvent =
  /** It listens, its checks have passed, and nobody holds it back. */
  | { readonly type: 'up' }
  /** Somebody holds it back. */
  | { readonly type: 'down' }
  /** Leave; with a budget that tells how long each step may take. */
  | { readonly type: 'stop'; readonly reason: string; readonly budget: Budget }
  /** The step is over: its work is done, or its time. */
  | { readonly type: 'over' }
  /** Everything must be over in `remainingMs` from now. Only ever shortens. */
  | { readonly type: 'shorten'; readonly remainingMs: number };

/**
 * The state after `event`, or `state` itself if the event means nothing there.
 * The one place where a state comes from; it takes the time as data.
 *
 * | state     | up    | down     | stop      | over              |
 * | --------- | ----- | -------- | --------- | ----------------- |
 * | starting  | ready |          | lame-duck |                   |
 * | ready     |       | starting | lame-duck |                   |
 * | lame-duck |       |          |           | draining          |
 * | draining  |       |          |           | closing (close)   |
 * | closing   |       |          |           | flush, stopped    |
 * | stopped   |       |          |           |                   |
 */
export function next(state: State, event: StateEvent, now: number): State {
  switch (state.name) {
    case 'starting':
    case 'ready':
      return beforeStop(state, event, now);
    case 'lame-duck':
    case 'draining':
    case 'closing':
      if (event.type === 'over') return after(state, now);
      return event.type === 'shorten' ? shorten(state, event.remainingMs, now) : state;
    case 'stopped':
      return state;
  }
}

function beforeStop(
  state: Extract<State, { name: 'starting' | 'ready' }>,
  event: StateEvent,
  now: number,
): State {
  switch (event.type) {
    case 'up':
      return state.name === 'ready' ? state : { ...state, name: 'ready', since: now };
    case 'down':
      return state.name === 'starting' ? state : { ...state, name: 'starting', since: now };
    case 'shorten': {
      const limit = now + event.remainingMs;
      return state.limit !== undefined && state.limit <= limit ? state : { ...state, limit };
    }
    case 'stop': {
      const { delayMs, ...ahead } = event.budget;
      const stop = { reason: event.reason, at: now };
      const lameDuck = { name: 'lame-duck', since: now, stop, deadline: now + delayMs, ahead } as const;
      return state.limit === undefined ? lameDuck : shorten(lameDuck, state.limit - now, now);
    }
    case 'over':
      return state;
  }
}

type StoppingState = Extract<State, Stopping>;

function after(state: StoppingState, now: number): State {
  const { stop } = state;
  switch (state.name) {
    case 'lame-duck': {
      const { requestsMs, ...ahead } = state.ahead;
      return { name: 'draining', since: now, stop, deadline: now + requestsMs, ahead };
    }
    case 'draining': {
      const { closeMs, ...ahead } = state.ahead;
      return { name: 'closing', step: 'close', since: now, stop, deadline: now + closeMs, ahead };
    }
    case 'closing':
      if (state.step === 'flush') return { name: 'stopped', since: now, stop };
      // What the close hooks left over stays within the one budget of all hooks.
      return {
        name: 'closing',
        step: 'flush',
        since: state.since,
        stop,
        deadline: state.deadline + state.ahead.flushMs,
      };
  }
}

/** Every step that is left gives up the same share of its time, so that none is starved. */
function shorten(state: StoppingState, remainingMs: number, now: number): State {
  const ahead: Record<string, number> = 'ahead' in state ? { ...state.ahead } : {};
  const here = Math.max(0, state.deadline - now);
  const left = Object.values(ahead).reduce((sum, ms) => sum + ms, here);
  if (remainingMs >= left) return state;
  const share = left === 0 ? 0 : Math.max(0, remainingMs) / left;
  for (const step of Object.keys(ahead)) ahead[step] = (ahead[step] ?? 0) * share;
  return { ...state, deadline: now + here * share, ...('ahead' in state && { ahead }) } as State;
}
