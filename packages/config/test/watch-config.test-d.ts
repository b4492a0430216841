import { createGraceful } from '@graceful/core';
import { type } from 'arktype';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import {
  ConfigError,
  type ConfigErrorCode,
  followDrain,
  followLogLevel,
  isConfigError,
  type LookOutcome,
  watchConfig,
  type WatchedConfig,
} from '../src/index.js';

// Nothing here runs: that it compiles is the test.
const path = '/etc/orders/config.json';

describe('the value of a configuration', () => {
  it('is what the schema makes: zod', async () => {
    const config = await watchConfig({
      path,
      schema: z.object({ port: z.string().transform(Number), level: z.string().default('info') }),
      onChange: ({ value, previous }) => {
        expectTypeOf(value).toEqualTypeOf<{ port: number; level: string }>();
        expectTypeOf(previous).toEqualTypeOf(value);
      },
    });
    expectTypeOf(config).toEqualTypeOf<WatchedConfig<{ port: number; level: string }>>();
    config.on('change', ({ value }) => void expectTypeOf(value.port).toBeNumber());
  });

  it('is what the schema makes: valibot and arktype, asynchronous too', async () => {
    const schema = v.objectAsync({ port: v.number() });
    expectTypeOf((await watchConfig({ path, schema })).value).toEqualTypeOf<{ port: number }>();
    const ark = type({ port: 'number' });
    expectTypeOf((await watchConfig({ path, schema: ark })).value.port).toBeNumber();
  });

  it('cannot be replaced from outside', async () => {
    const config = await watchConfig({ path, schema: z.object({}) });
    // @ts-expect-error -- only a file changes it
    config.value = {};
  });
});

describe('where it comes from', () => {
  it('is one of two', async () => {
    const schema = z.unknown();
    await watchConfig({ path, schema, parse: (text) => expectTypeOf(text).toBeString() });
    await watchConfig({
      directory: '/etc/orders',
      schema,
      parse: (files) => expectTypeOf(files).toEqualTypeOf<Readonly<Record<string, string>>>(),
    });
    // @ts-expect-error -- not both
    await watchConfig({ path, directory: path, schema });
    // @ts-expect-error -- not neither
    await watchConfig({ schema });
    // @ts-expect-error -- and a schema
    await watchConfig({ path });
  });
});

describe('the rest', () => {
  it('goes together with pino, prom-client and graceful', async () => {
    const logger = pino();
    const config = await watchConfig({
      path: new URL('file:///etc/orders/config.json'),
      logger,
      metrics: { register: new Registry() },
      schema: z.object({
        level: z.enum(['info', 'debug']).optional(),
        drain: z.object({ delayMs: z.number(), requestsMs: z.number() }).partial().optional(),
      }),
    });
    followLogLevel(config, [logger, logger.child({})], ({ level }) => level);
    expectTypeOf(followDrain(config, createGraceful(), ({ drain }) => drain)).toEqualTypeOf<Disposable>();
    // @ts-expect-error -- a level is a text
    followLogLevel(config, logger, () => 30);
  });

  it('tells what came of a look, and what went wrong', async () => {
    const config = await watchConfig({ path, schema: z.unknown() });
    const outcome = await config.reload();
    expectTypeOf(outcome).toEqualTypeOf<LookOutcome>();
    if (outcome.result === 'rejected') expectTypeOf(outcome.error).toEqualTypeOf<ConfigError>();
    const thrown: unknown = undefined;
    if (isConfigError(thrown)) expectTypeOf(thrown.code).toEqualTypeOf<ConfigErrorCode>();
  });
});
