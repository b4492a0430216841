/// <reference types="node" preserve="true" />
/**
 * Waiting for what a service needs before it starts.
 *
 * @packageDocumentation
 */
export { CompanionError, type CompanionErrorCode } from './companion-error.js';
export type { WaitOptions } from './wait/options.js';
export type { TargetMissing, TargetOutcome, TargetThere, WaitProgress } from './wait/progress.js';
export { parseTarget, type Target } from './wait/target.js';
export { WaitError } from './wait/wait-error.js';
export { waitFor } from './wait/wait-for.js';
