import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { watchConfig } from '../src/watch-config.js';
import { errorOf, fileWith, nextChange } from './support/watch.js';
import { writeFileSync } from 'node:fs';

/** Nothing is looked at by itself while a test runs. */
const quiet = { debounceMs: 3_600_000, signal: false, logger: false } as const;

/** Something that only an asynchronous validator could ask. */
const isFree = async (port: number) => port !== 6_000;

/** The same schema, in the words of each validator. */
const schemas = {
  'zod 4': z.object({
    port: z.number().int().max(65_535),
    level: z.enum(['info', 'debug']).default('info'),
    hosts: z.array(z.object({ name: z.string() })),
  }),
  'zod 4, asynchronous': z.object({
    port: z.number().int().max(65_535).refine(isFree, 'taken'),
    level: z.enum(['info', 'debug']).default('info'),
    hosts: z.array(z.object({ name: z.string() })),
  }),
  valibot: v.object({
    port: v.pipe(v.number(), v.integer(), v.maxValue(65_535)),
    level: v.optional(v.picklist(['info', 'debug']), 'info'),
    hosts: v.array(v.object({ name: v.string() })),
  }),
  'valibot, asynchronous': v.objectAsync({
    port: v.pipeAsync(v.number(), v.integer(), v.maxValue(65_535), v.checkAsync(isFree, 'taken')),
    level: v.optional(v.picklist(['info', 'debug']), 'info'),
    hosts: v.array(v.object({ name: v.string() })),
  }),
  arktype: type({
    port: 'number.integer <= 65535',
    level: "'info' | 'debug' = 'info'",
    hosts: type({ name: 'string' }).array(),
  }),
};

const good = (port: number) => JSON.stringify({ port, hosts: [{ name: 'a' }] }, undefined, 2);
const bad = '{\n  "port": "80",\n  "hosts": [\n    { "name": "a" },\n    { "name": 5 }\n  ]\n}';

describe.each(Object.entries(schemas))('%s', (_, schema) => {
  it('makes the value, with its defaults', async () => {
    using config = await watchConfig({ ...quiet, path: fileWith(good(80)), schema });
    expect(config.value).toEqual({ port: 80, level: 'info', hosts: [{ name: 'a' }] });
    expect(Object.isFrozen(config.value.hosts[0])).toBe(true);
  });

  it('says all that is wrong, with the way to it and its line', async () => {
    const path = fileWith(bad);
    const error = await errorOf(() => watchConfig({ ...quiet, path, schema }));
    expect(error).toMatchObject({ code: 'ERR_CONFIG_INVALID', file: path });
    expect(error.issues.map(({ path: way, line }) => [way, line])).toEqual([
      [['port'], 2],
      [['hosts', 1, 'name'], 5],
    ]);
    expect(error.message).toContain(
      `Expected ${path} to be what its schema asks for, got 2 issues: port (line 2): `,
    );
    expect(error.message).toContain('; hosts[1].name (line 5): ');
  });

  it('keeps the last good value from what it refuses', async () => {
    const path = fileWith(good(80));
    const rejected: string[] = [];
    using config = await watchConfig({
      ...quiet,
      path,
      schema,
      onRejected: ({ error }) => void rejected.push(error.code),
    });
    writeFileSync(path, bad);
    expect(await config.reload()).toMatchObject({ result: 'rejected', revision: 1 });
    expect(config.value.port).toBe(80);
    const change = nextChange(config);
    writeFileSync(path, good(81));
    expect(await config.reload()).toMatchObject({ result: 'applied' });
    expect(await change).toMatchObject({ value: { port: 81 }, previous: { port: 80 }, revision: 2 });
    expect(rejected).toEqual(['ERR_CONFIG_INVALID']);
  });
});

describe.each(['zod 4, asynchronous', 'valibot, asynchronous'] as const)('%s', (name) => {
  it('refuses what only it can know', async () => {
    const error = await errorOf(() =>
      watchConfig({ ...quiet, path: fileWith(good(6_000)), schema: schemas[name] }),
    );
    expect(error.issues).toMatchObject([{ path: ['port'], message: 'taken', line: 2 }]);
  });
});
