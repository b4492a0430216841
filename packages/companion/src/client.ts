/// <reference types="node" preserve="true" />
/**
 * For a Node service: what it says to the companion of its pod, and what it
 * does at the companion's word. Loads nothing of the daemon.
 *
 * @packageDocumentation
 */
export { CompanionError, type CompanionErrorCode } from './companion-error.js';
export { type CompanionClient, connectCompanion } from './client/connect-companion.js';
export type { CompanionClientOptions } from './client/options.js';
export type { Budgets } from './protocol/wire.js';
