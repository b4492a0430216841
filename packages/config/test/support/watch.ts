import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { onTestFinished } from 'vitest';
import type { ConfigError } from '../../src/config-error.js';
import type { WatchConfigOptions } from '../../src/options.js';
import type { ConfigChange, WatchedConfig } from '../../src/watched-config.js';
import { watchConfig } from '../../src/watch-config.js';
import { testFolder } from './folder.js';
import { schemaOf } from './schema.js';

/** A file with this content, in a folder of its own. */
export function fileWith(text: string): string {
  const path = join(testFolder(), 'config.json');
  writeFileSync(path, text);
  return path;
}

type Options<Value> = Partial<WatchConfigOptions<StandardSchemaV1<unknown, Value>>>;

/** A configuration that keeps its hands off the process, and is closed when the test is over. */
export async function watching<Value = unknown>(
  path: string,
  options: Options<Value> = {},
): Promise<WatchedConfig<Value>> {
  const config = await watchConfig({
    path,
    schema: schemaOf<Value>(),
    debounceMs: 5,
    signal: false,
    logger: false,
    ...options,
  } as WatchConfigOptions<StandardSchemaV1<unknown, Value>>);
  onTestFinished(() => config.close());
  return config;
}

/** The next change. */
export function nextChange<Value>(config: WatchedConfig<Value>): Promise<ConfigChange<Value>> {
  return new Promise((resolve) => {
    const listening = config.on('change', (change) => {
      listening[Symbol.dispose]();
      resolve(change);
    });
  });
}

/** What `call` throws, or rejects with. */
export async function errorOf(call: () => unknown): Promise<ConfigError> {
  try {
    await call();
  } catch (error) {
    return error as ConfigError;
  }
  throw new Error('Expected it to throw');
}
