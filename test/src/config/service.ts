import { isConfigError, watchConfig, type WatchedConfig } from '@graceful/config';
import { Registry } from 'prom-client';
import { z } from 'zod';
import {
  type ConfigCommand,
  type ConfigServiceOptions,
  monotonicMs,
  type Untimed,
  type Value,
} from './protocol.js';

/*
 * A process that does nothing but watch its configuration, and tell.
 */
const { path, directory, ...options } = JSON.parse(
  process.env['GRACEFUL_TEST'] ?? '{}',
) as ConfigServiceOptions;
const register = new Registry();
const file = z.strictObject({ n: z.number().int(), padding: z.string().optional() });
/** In a directory each value is a text. */
const texts = z.strictObject({ n: z.coerce.number().int(), padding: z.string().optional() });
let config: WatchedConfig<Value> | undefined;

function tell(notice: Untimed): void {
  process.send?.({ ...notice, at: monotonicMs() });
}

const log = (level: 'info' | 'warn' | 'error') => (_: object, message: string) =>
  tell({ type: 'log', level, message });

const common = {
  ...options,
  logger: { info: log('info'), warn: log('warn'), error: log('error') },
  metrics: { register },
  onChange: ({ value, previous, revision, cause }) =>
    tell({ type: 'change', value, previous, revision, cause }),
  onRejected: ({ error, revision }) => {
    const { code, message, line } = error;
    tell({ type: 'rejected', code, message, line, revision, inForce: config?.value.n });
  },
} satisfies Partial<Parameters<typeof watchConfig<typeof file>>[0]>;

process.on('message', (command: ConfigCommand) => void obey(command));

async function obey(command: ConfigCommand): Promise<void> {
  switch (command.type) {
    case 'reload': {
      const outcome = await config?.reload();
      if (outcome) tell({ type: 'looked', result: outcome.result, n: config?.value.n ?? Number.NaN });
      return;
    }
    case 'metrics':
      return tell({ type: 'metrics', text: await register.metrics() });
    case 'close':
      config?.close();
      return tell({ type: 'closed' });
  }
}

tell({ type: 'waiting' });
try {
  config =
    directory === undefined
      ? await watchConfig({ ...common, path: path ?? '', schema: file })
      : await watchConfig({ ...common, directory, schema: texts });
  tell({ type: 'ready', value: config.value, noticedBy: config.noticedBy });
} catch (error) {
  if (!isConfigError(error)) throw error;
  tell({ type: 'failed', code: error.code, message: error.message });
  process.disconnect();
}
