import type { Exit } from '../generation/state.js';
import type { UpgradeNotice, UpgradeOutcome } from '../upgrade/upgrade.js';

/** What happens, for whoever watches: metrics, a service manager. */
export type SupervisorEvent =
  /** The first generation serves. */
  | { readonly type: 'serving'; readonly generation: number }
  | { readonly type: 'upgrade'; readonly notice: UpgradeNotice }
  /** An upgrade is over, whatever became of it; or it was not begun. */
  | { readonly type: 'upgraded'; readonly outcome: UpgradeOutcome }
  /** A process asked for this much more time, in milliseconds. */
  | { readonly type: 'extend'; readonly ms: number }
  /** A process crashed while it was to serve, or leaves by itself; another follows. */
  | {
      readonly type: 'crash';
      readonly generation: number;
      readonly pid: number | undefined;
      /** How it ended, where it has. */
      readonly exit?: Exit;
    }
  | { readonly type: 'stopping'; readonly reason: string };
