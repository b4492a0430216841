import type { WatchedConfig } from '../watched-config.js';

/**
 * Do something with the value in force, and with each that follows it. What
 * fails at once is thrown; what fails later is told as an `error` of the
 * configuration, and everything stays as it was.
 */
export function follow<Value>(config: WatchedConfig<Value>, apply: (value: Value) => void): Disposable {
  apply(config.value);
  return config.on('change', ({ value }) => apply(value));
}
