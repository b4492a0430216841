import * as z from 'zod';

/** What config.json says: deploy/kubernetes mounts it from a ConfigMap. */
export interface Settings {
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly drain: { readonly delayMs: number; readonly requestsMs: number; readonly hooksMs: number };
}

const budget = z.int().min(0);

export const settings: z.ZodType<Settings> = z.strictObject({
  logLevel: z.enum(['debug', 'info', 'warn', 'error']),
  drain: z.strictObject({ delayMs: budget, requestsMs: budget, hooksMs: budget }),
});
