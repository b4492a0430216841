export type { DrainStatus, InstanceStatus, PodStatus } from './protocol/status.js';
export * from './protocol/wire.js';
