import type { InstanceState } from '../protocol/wire.js';

/** What can happen to an instance. */
export type InstanceEvent =
  | 'registered'
  | 'ready'
  | 'not-ready'
  | 'lame-duck'
  /** The lame-duck was a mistake. */
  | 'cancelled'
  | 'draining'
  | 'closing'
  /** It said that it was done. */
  | 'bye'
  /** Its process is gone. */
  | 'gone'
  /** Its time is over, and it is still there. */
  | 'deadline'
  /** The pod ends, and it never came. */
  | 'never-came';

type Row = Readonly<Partial<Record<InstanceEvent, InstanceState>>>;

const leaves: Row = {
  'lame-duck': 'lame-duck',
  draining: 'draining',
  closing: 'closing',
  bye: 'drained',
  gone: 'crashed',
  deadline: 'killed',
};

/** One way, but for `ready ⇄ not-ready` and the cancelled lame-duck. */
const table: Readonly<Record<InstanceState, Row>> = {
  expected: { registered: 'starting', 'never-came': 'lost', deadline: 'lost' },
  starting: { ready: 'ready', ...leaves },
  ready: { 'not-ready': 'not-ready', ...leaves },
  'not-ready': { ready: 'ready', ...leaves },
  'lame-duck': { ...leaves, cancelled: 'ready' },
  draining: { closing: 'closing', bye: 'drained', gone: 'crashed', deadline: 'killed' },
  closing: { bye: 'drained', gone: 'crashed', deadline: 'killed' },
  // What it said stands, however long its process takes to go.
  drained: { gone: 'exited' },
  exited: {},
  crashed: {},
  lost: {},
  killed: {},
};

/** All of them, in the order of the way. */
export const instanceStates: readonly InstanceState[] = Object.keys(table) as InstanceState[];

/** The state after `event`, or `state` itself where the event means nothing. The one place where a state comes from. */
export function nextState(state: InstanceState, event: InstanceEvent): InstanceState {
  return table[state][event] ?? state;
}

/** It has registered, and is neither gone nor done. */
export function isLive(state: InstanceState): boolean {
  return state !== 'expected' && !isOver(state);
}

/** Its work is done, or nobody does it any more: what comes after it may go. */
export function isOver(state: InstanceState): boolean {
  return state === 'drained' || isGone(state);
}

/** Nothing comes from it any more. */
export function isGone(state: InstanceState): boolean {
  return state === 'exited' || state === 'crashed' || state === 'lost' || state === 'killed';
}

/** It takes no new work: there is no way back from here. */
export function hasLeft(state: InstanceState): boolean {
  return state === 'draining' || state === 'closing' || isOver(state);
}
