/// <reference types="node" preserve="true" />
export {
  ConfigError,
  type ConfigErrorCode,
  configErrorCodes,
  type ConfigErrorDetails,
  type ConfigIssue,
  isConfigError,
} from './config-error.js';
export { type FollowedDrain, followDrain } from './follow/drain.js';
export { followLogLevel, type LevelLogger } from './follow/log-level.js';
export type { DirectorySource, FileSource, WatchConfigOptions } from './options.js';
export { watchConfig } from './watch-config.js';
export type {
  ConfigChange,
  ConfigEvents,
  ConfigRejection,
  ListenerFailure,
  LookCause,
  LookOutcome,
  WatchedConfig,
} from './watched-config.js';
