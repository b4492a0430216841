/// <reference types="node" preserve="true" />
/**
 * Talking to a supervisor: the socket that it answers on, and the client that
 * the command line is made of.
 *
 * @packageDocumentation
 */
export { ControlClient, type ControlAddress, type ControlClientOptions } from './control/client.js';
export { controlPlaces, defaultName } from './control/place.js';
export { Progression } from './control/progression.js';
export { ControlServer, type ControlServerOptions } from './control/server.js';
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
export { HandoverError, type HandoverErrorCode } from './handover-error.js';
