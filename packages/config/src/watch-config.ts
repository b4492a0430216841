import type { StandardSchemaV1 } from '@standard-schema/spec';
import { LiveConfig } from './live-config.js';
import { resolveWatch, type WatchConfigOptions } from './options.js';
import type { WatchedConfig } from './watched-config.js';

/**
 * Read a configuration, and have it change while the service runs: what is in
 * the file comes into force as a whole once the schema takes it; otherwise
 * the last good value stays, and the log says why. Resolves with the first
 * value in force. Holds no event loop.
 *
 * @throws ConfigError `ERR_CONFIG_OPTION`; and for a first value that is bad `ERR_CONFIG_MISSING`,
 * `ERR_CONFIG_UNREADABLE`, `ERR_CONFIG_TOO_LARGE`, `ERR_CONFIG_PARSE`, `ERR_CONFIG_INVALID`, `ERR_CONFIG_TIMEOUT`
 */
export async function watchConfig<Schema extends StandardSchemaV1>(
  options: WatchConfigOptions<Schema>,
): Promise<WatchedConfig<StandardSchemaV1.InferOutput<Schema>>> {
  const config = new LiveConfig(resolveWatch(options));
  await config.start();
  return config;
}
