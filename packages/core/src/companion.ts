/**
 * For `@graceful/companion`: what leaves together with others. Services need nothing of this.
 *
 * @packageDocumentation
 */
export type { CompanionKit } from './companion-kit.js';
export { companionKit } from './kits.js';
export type { Figures } from './observe/metrics.js';
