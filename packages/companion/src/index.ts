/// <reference types="node" preserve="true" />
export { CompanionError, type CompanionErrorCode, companionErrorCodes } from './companion-error.js';
export { type Companion, startCompanion } from './companion.js';
export type { CompanionOptions, ExpectedInstance, ReceiptsOptions } from './companion-options.js';
export type { Address } from './http/listen-on.js';
export type { HoldTimes } from './pod/release.js';
export type { PodState } from './protocol/wire.js';
