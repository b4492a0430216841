/**
 * A kubelet to test against: the algorithm by which Kubernetes starts, restarts
 * and ends pods, over real processes or containers, and the network in front of
 * them, which hears of everything late.
 */
export { Deployment, type DeploymentOptions, type Rolled } from './deployment/deployment.js';
export {
  Kubelet,
  type KubeletOptions,
  type NodeShutdownOptions,
  type PodNames,
  type PodTemplate,
} from './kubelet/node.js';
export type { ContainerEnd, Pod, PodEnd } from './kubelet/pod.js';
export {
  type ContainerHappening,
  describeEvent,
  type PodEvent,
  type PodHappening,
  type TerminationReason,
} from './kubelet/timeline.js';
export { Service, type ServiceFigures, type ServiceOptions } from './network/service.js';
export { RehearsalError, type RehearsalErrorCode, rehearsalErrorCodes } from './rehearsal-error.js';
export type { PodConditions } from './rules/endpoint.js';
export type { RestartBackOff } from './rules/restart.js';
export type { CountOrPercent } from './rules/rolling.js';
export { ProcessRuntime } from './runtime/process-runtime.js';
export type {
  ContainerExit,
  ContainerRequest,
  NodeAddress,
  RunningContainer,
  Runtime,
} from './runtime/runtime.js';
export type { PodIdentity } from './spec/environment.js';
export type {
  ContainerPort,
  ContainerSpec,
  EnvVar,
  HttpGetAction,
  InitContainerSpec,
  Lifecycle,
  LifecycleHandler,
  PodSpec,
  Probe,
  RestartPolicy,
} from './spec/pod-spec.js';
export type { ProbeKind } from './spec/resolve.js';
