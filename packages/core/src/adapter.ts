/**
 * For adapters of frameworks. Services need nothing of this.
 *
 * @packageDocumentation
 */
export { adapterKit } from './kits.js';
export type { AdapterKit } from './graceful.js';
