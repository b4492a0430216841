/**
 * A process that holds the sockets of a service and runs its generations;
 * `graceful run` is made of it.
 *
 * @packageDocumentation
 */
export type {
  ControlTarget,
  GenerationStatus,
  Outcome,
  Progress,
  ProgressEvent,
  SocketStatus,
  SupervisorStatus,
  UpgradeRequest,
  UpgradeStatus,
  WorkerStatus,
} from './control/target.js';
export type { ListenSpec, Readiness, SupervisorOptions } from './supervisor/options.js';
export { obeySignals } from './supervisor/signals.js';
export type { SupervisorEvent } from './supervisor/events.js';
export { Supervisor } from './supervisor/supervisor.js';
