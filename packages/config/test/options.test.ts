import { resolve } from 'node:path';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { resolveWatch } from '../src/options.js';
import { errorOf } from './support/watch.js';
import { schemaOf } from './support/schema.js';

const schema = schemaOf();
const path = 'config.json';
const made = (options: object) => resolveWatch({ path, schema, ...options });

describe('the options of watchConfig()', () => {
  it('have defaults', () => {
    expect(made({})).toMatchObject({
      source: 'file',
      path: resolve(path),
      debounceMs: 200,
      signal: 'SIGHUP',
      watch: 'auto',
      pollMs: 2_000,
      maxBytes: 1_048_576,
      validateMs: 10_000,
      waitMs: 0,
      name: 'config.json',
      logger: undefined,
      register: undefined,
    });
  });

  it('may name a directory, or a file by a URL', () => {
    expect(resolveWatch({ directory: '/etc/orders', schema })).toMatchObject({
      source: 'directory',
      path: '/etc/orders',
      name: 'orders',
    });
    expect(made({ path: new URL('file:///etc/a%20b.json') }).path).toBe('/etc/a b.json');
  });

  it('may have a schema that is a function, as those of arktype are', () => {
    const callable = Object.assign(() => {}, schema);
    expect(made({ schema: callable }).schema).toBe(callable);
  });

  it.each([
    ['neither', { path: undefined }, '`path`', '`directory`', 'neither'],
    ['both', { directory: '/etc' }, '`path`', '`directory`', 'both'],
    ['an empty path', { path: '' }, '`path`', '""'],
    ['a path that no system has', { path: 'a\0b' }, '`path`'],
    ['a URL of another kind', { path: new URL('https://localhost/x') }, '`path`', 'file: URL'],
    ['no schema', { schema: undefined }, '`schema`', 'Standard Schema', 'undefined'],
    ['a schema of another standard', { schema: { parse() {} } }, '`schema`', 'an object (Object)'],
    ['a schema of a later version', { schema: { '~standard': { version: 2, validate() {} } } }, '`schema`'],
    ['a duration as text', { debounceMs: '200ms' }, '`debounceMs`', '"200ms"'],
    ['a negative one', { validateMs: -1 }, '`validateMs`', '-1'],
    ['one that no timer can wait', { waitMs: 2 ** 31 }, '`waitMs`'],
    ['polling without a pause', { pollMs: 0 }, '`pollMs`', 'at least 10'],
    ['no bytes at all', { maxBytes: 0 }, '`maxBytes`', '0'],
    ['a signal that cannot be handled', { signal: 'SIGKILL' }, '`signal`', '"SIGKILL"'],
    ['a signal that says something else', { signal: 'SIGTERM' }, '`signal`', '"SIGTERM"'],
    ['a signal that does not exist', { signal: 'SIGFOO' }, '`signal`', 'such as "SIGHUP"'],
    ['a way to watch that does not exist', { watch: 'inotify' }, '`watch`', '"auto" or "poll"'],
    ['a parser that is none', { parse: 'yaml' }, '`parse`', 'a function'],
    ['a listener that is none', { onChange: {} }, '`onChange`', 'a function'],
    ['a logger that is none', { logger: { info() {} } }, '`logger.warn`', 'a function'],
    ['a registry that is none', { metrics: {} }, '`metrics.register`', 'an object'],
    ['an empty name', { name: '' }, '`name`'],
    ['an option that does not exist', { debounce: 200 }, 'debounceMs', '"debounce"'],
  ])('are refused for %s', async (_, options, ...words) => {
    const error = await errorOf(() => made(options));
    expect(error).toMatchObject({ name: 'ConfigError', code: 'ERR_CONFIG_OPTION' });
    for (const word of words) expect(error.message).toContain(word);
  });

  it.each([undefined, null, [], 'config.json'])('are refused when they are %o', async (options) => {
    expect(await errorOf(() => resolveWatch(options as never))).toMatchObject({ code: 'ERR_CONFIG_OPTION' });
  });

  it('may ask to wait for ever, for no signal, no log, and a registry', () => {
    const register = new Registry();
    expect(made({ waitMs: Infinity, signal: false, logger: false, metrics: { register } })).toMatchObject({
      waitMs: Infinity,
      signal: false,
      logger: false,
      register,
    });
    expect(made({ metrics: false }).register).toBeUndefined();
  });
});
