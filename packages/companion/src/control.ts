/// <reference types="node" preserve="true" />
/**
 * For whoever operates a pod: asks its companion how it is, and has it
 * drained. Loads nothing of the daemon.
 *
 * @packageDocumentation
 */
export { CompanionControl, type CompanionControlOptions, type WaitGoal } from './client/companion-control.js';
export { CompanionError, type CompanionErrorCode } from './companion-error.js';
export type { DrainStatus, InstanceStatus, PodStatus } from './protocol/status.js';
export type { Budgets, DrainRequest, InstanceState, PodState, TerminationReason } from './protocol/wire.js';
export type { DrainReceipt, ReceiptVerdict } from './receipts/receipt.js';
