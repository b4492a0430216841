/**
 * What an upgrade goes through, in this order. `download`, `verify` and
 * `install` are passed over where the new version is on the machine already.
 */
export const workStages: readonly WorkStage[] = [
  'precheck',
  'download',
  'verify',
  'install',
  'start',
  'handover',
  'healthcheck',
];

/** A stage in which something is done. */
export type WorkStage = 'precheck' | 'download' | 'verify' | 'install' | 'start' | 'handover' | 'healthcheck';

/** Where an upgrade stands. */
export type UpgradeStage = 'idle' | WorkStage | 'success' | 'failed';

/** Why an upgrade did not come about. Bounded: metrics carry it. */
export type UpgradeFailureCode =
  /** A program, its folder or its script is missing, or the check of the new version failed. */
  | 'precheck'
  /** It could not be started. */
  | 'spawn'
  /** It exited before it was the one. */
  | 'exit'
  /** It was not ready in time. */
  | 'timeout'
  /** It broke the protocol, or speaks another version. */
  | 'protocol'
  | 'version'
  /** It said that it cannot go on. */
  | 'fatal'
  /** What is handed on could not be had, or was not taken. */
  | 'state'
  /** The pid file cannot be written. */
  | 'pid-file'
  /** The service was told to stop meanwhile, or the operator changed their mind. */
  | 'aborted'
  /** A defect of this package. */
  | 'internal';

/** Why an upgrade was not even begun. */
export type RefusalCode =
  /** Another upgrade is under way. */
  | 'in-progress'
  /** The service does not serve yet. */
  | 'not-ready'
  /** The service is leaving. */
  | 'stopping'
  /** The generation before this one is still draining. */
  | 'parent-draining'
  /** This process is the first of a container, or under an init that ends with it. */
  | 'pid-1'
  /** A supervisor holds the sockets; it does the upgrades. */
  | 'supervised'
  /** There is no version to go back to. */
  | 'no-previous'
  /** A Unix socket was not opened by `graceful.listen()`, and would vanish with this process. */
  | 'socket';

/** What went wrong, and where. */
export interface UpgradeFailure {
  /** In which it failed. */
  readonly stage: WorkStage;
  /** For programs. */
  readonly code: UpgradeFailureCode;
  /** For people. */
  readonly message: string;
}

/** Each state has only the data that it can have. */
export type UpgradeState =
  | { readonly name: 'idle' }
  | { readonly name: WorkStage; readonly generation: number; readonly since: number }
  | { readonly name: 'success'; readonly generation: number }
  | { readonly name: 'failed'; readonly generation: number; readonly failure: UpgradeFailure };

export type UpgradeEvent =
  | { readonly type: 'begin'; readonly generation: number }
  /** The stage is done; `to` is the next that has something to do. */
  | { readonly type: 'done'; readonly to: WorkStage | 'success' }
  | { readonly type: 'fail'; readonly code: UpgradeFailureCode; readonly message: string };

/**
 * The state after `event`, or `state` itself where the event means nothing.
 * The one place where a state comes from; it takes the time as data.
 *
 * `idle`, `success` and `failed` go on to `precheck` when another begins; a
 * stage goes on to a later one, never back, and from each it may fail.
 */
export function next(state: UpgradeState, event: UpgradeEvent, now: number): UpgradeState {
  switch (state.name) {
    case 'idle':
    case 'success':
    case 'failed':
      if (event.type !== 'begin') return state;
      return { name: 'precheck', generation: event.generation, since: now };
    case 'precheck':
    case 'download':
    case 'verify':
    case 'install':
    case 'start':
    case 'handover':
    case 'healthcheck': {
      const { generation, name: stage } = state;
      if (event.type === 'fail') {
        const { code, message } = event;
        return { name: 'failed', generation, failure: { stage, code, message } };
      }
      if (event.type !== 'done') return state;
      if (event.to === 'success') return { name: 'success', generation };
      if (workStages.indexOf(event.to) <= workStages.indexOf(stage)) return state;
      return { name: event.to, generation, since: now };
    }
  }
}
