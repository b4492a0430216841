/// <reference types="node" preserve="true" />
export { createGraceful } from './create-graceful.js';
export type { ConnectionCounts, ConnectionEvents, ConnectionState } from './drain/connection.js';
export type {
  Activity,
  ConnectionEnds,
  Drainable,
  Evidence,
  RequestFigures,
  Traffic,
} from './drain/drainable.js';
export type { IdleOptions } from './drain/eviction.js';
export type { FromFramework, Requested } from './drain/long-lived/long-lived.js';
export { errorCodes, GracefulError, type GracefulErrorCode, isGracefulError } from './errors.js';
export type { GracefulEventName, GracefulEvents } from './events.js';
export type { AttachOptions, Graceful, ListenOptions } from './graceful.js';
export type { HttpServer } from './http-server.js';
export type { HookContext, HookOptions, HookPhase, ShutdownHook } from './lifecycle/hook.js';
export type { AdaptiveDelay } from './lifecycle/lame-duck.js';
export type { LifecycleEvents } from './lifecycle/lifecycle-events.js';
export type {
  DrainableReport,
  HookReport,
  HookResult,
  ReportedError,
  ShutdownReport,
  StateInstant,
  Verdict,
} from './lifecycle/report.js';
export type { StateName } from './lifecycle/state.js';
export type { ListenAddress } from './listen/listen.js';
export type { Logger, LogMethod } from './observe/log.js';
export type { MetricsRegistry } from './observe/metrics.js';
export type { DrainOptions, GracefulOptions, ProbeOptions } from './options.js';
export type { Check, CheckEvents, CheckOptions, CheckResult } from './probes/check.js';
export type { ProbePaths } from './probes/endpoints.js';
