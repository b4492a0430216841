/// <reference types="node" preserve="true" />
import { joined } from './generation/joined.js';

export { HandoverError, type HandoverErrorCode, handoverErrorCodes } from './handover-error.js';
export { type Handover, handover } from './in-process/handover.js';
export type { HandoverOptions } from './in-process/options.js';
export type { Parent, StateHandover } from './generation/member.js';
export type {
  RefusalCode,
  UpgradeFailure,
  UpgradeFailureCode,
  UpgradeStage,
  UpgradeState,
  WorkStage,
} from './upgrade/state.js';
export type { UpgradeNotice, UpgradeOutcome } from './upgrade/upgrade.js';
export type { Json } from './wire/messages.js';

// At once: the app's own code may change the environment, and start programs that must not see this.
joined();
