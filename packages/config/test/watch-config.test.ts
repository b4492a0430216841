import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { ListenerFailure } from '../src/watched-config.js';
import { watchConfig } from '../src/watch-config.js';
import { testFolder } from './support/folder.js';
import { FakeLogger } from './support/logger.js';
import { schemaOf } from './support/schema.js';
import { errorOf, fileWith, nextChange, watching } from './support/watch.js';

/** Nothing is looked at by itself while a test runs: it asks. */
const whenAsked = { debounceMs: 3_600_000 };

const numberOf = schemaOf<number>((value) =>
  typeof value === 'number' ? { value } : { issues: [{ message: 'no number' }] },
);

describe('watchConfig()', () => {
  it('resolves with the first value, frozen, as revision 1', async () => {
    const before = Date.now();
    const config = await watching<{ a: { b: number } }>(fileWith('{"a": {"b": 1}}'));
    expect(config).toMatchObject({ value: { a: { b: 1 } }, revision: 1, rejection: undefined });
    expect(config.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(config.since.getTime()).toBeGreaterThanOrEqual(before);
    expect(() => void (config.value.a.b = 2)).toThrow(TypeError);
  });

  it('hears of a change by itself', async () => {
    const path = fileWith('1');
    const config = await watching(path);
    const change = nextChange(config);
    writeFileSync(path, '2');
    expect(await change).toMatchObject({ value: 2, previous: 1, revision: 2, cause: 'change' });
    expect(config).toMatchObject({ value: 2, revision: 2, noticedBy: 'events' });
  });

  it('reads a relative path from where it was called, wherever the app goes later', async () => {
    const path = fileWith('1');
    const folder = process.cwd();
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue(dirname(path));
    const config = await watchConfig({
      path: 'config.json',
      schema: numberOf,
      signal: false,
      logger: false,
      ...whenAsked,
    });
    cwd.mockRestore();
    expect(process.cwd()).toBe(folder);
    writeFileSync(path, '2');
    expect(await config.reload()).toMatchObject({ result: 'applied' });
    config.close();
  });

  it('has the same hash for the same content', async () => {
    const [one, two, other] = await Promise.all(
      ['[1]', '[1]', '[2]'].map((text) => watching(fileWith(text))),
    );
    expect(one?.hash).toBe(two?.hash);
    expect(one?.hash).not.toBe(other?.hash);
  });

  it('takes a directory', async () => {
    const folder = testFolder();
    writeFileSync(join(folder, 'port'), '80');
    using config = await watchConfig({
      directory: folder,
      parse: ({ port }) => Number(port),
      schema: numberOf,
      signal: false,
      logger: false,
      debounceMs: 5,
    });
    expect(config.value).toBe(80);
    const change = nextChange(config);
    writeFileSync(join(folder, 'port'), '81');
    expect(await change).toMatchObject({ value: 81 });
  });

  it('fails with what is wrong with the first value, and leaves nothing behind', async () => {
    const before = process.listenerCount('SIGHUP');
    for (const [text, code] of [
      ['"x"', 'ERR_CONFIG_INVALID'],
      ['x', 'ERR_CONFIG_PARSE'],
    ] as const) {
      const error = await errorOf(() =>
        watchConfig({ path: fileWith(text), schema: numberOf, logger: false }),
      );
      expect(error).toMatchObject({ code, name: 'ConfigError' });
    }
    expect(process.listenerCount('SIGHUP')).toBe(before);
  });

  it('waits for the first good value where that is asked for, and tells of the bad ones before it', async () => {
    const path = join(testFolder(), 'later', 'config.json');
    const codes: string[] = [];
    const waiting = watching(path, {
      waitMs: Infinity,
      schema: numberOf,
      onRejected: ({ error, revision }) => void codes.push(`${revision} ${error.code}`),
    });
    await vi.waitUntil(() => codes.length === 1);
    mkdirSync(dirname(path));
    writeFileSync(`${path}.tmp`, '5');
    renameSync(`${path}.tmp`, path);
    expect(await waiting).toMatchObject({ value: 5, revision: 1, rejection: undefined });
    expect(codes).toEqual(['0 ERR_CONFIG_MISSING']);
  });
});

describe('a reload', () => {
  it('says what came of it', async () => {
    const path = fileWith('1');
    const config = await watching(path, { ...whenAsked, schema: numberOf });
    expect(await config.reload()).toEqual({ result: 'unchanged', revision: 1 });
    writeFileSync(path, '2');
    expect(await config.reload()).toEqual({ result: 'applied', revision: 2 });
    writeFileSync(path, '"x"');
    expect(await config.reload()).toMatchObject({
      result: 'rejected',
      revision: 2,
      error: { code: 'ERR_CONFIG_INVALID' },
    });
    expect(config).toMatchObject({ value: 2, rejection: { code: 'ERR_CONFIG_INVALID' } });
    writeFileSync(path, '2');
    expect(await config.reload()).toEqual({ result: 'unchanged', revision: 2 });
    expect(config.rejection).toBeUndefined();
  });

  it('judges again what has been judged: the schema may depend on something else', async () => {
    let offered = 1;
    const path = fileWith('{}');
    const config = await watching(path, { ...whenAsked, schema: schemaOf(() => ({ value: offered })) });
    offered = 2;
    expect(await config.reload()).toEqual({ result: 'applied', revision: 2 });
    expect(config.value).toBe(2);
  });

  it('takes what is equal for no change, whatever it is written like', async () => {
    const path = fileWith('{"a": [1, {"b": null}]}');
    const changed = vi.fn();
    const config = await watching(path, { ...whenAsked, onChange: changed });
    const { value, hash } = config;
    writeFileSync(path, '{\n "a":[1,{"b":null}]\n}\n');
    expect(await config.reload()).toEqual({ result: 'unchanged', revision: 1 });
    expect(config.value).toBe(value);
    expect(config.hash).toBe(hash);
    expect(changed).not.toHaveBeenCalled();
  });

  it('gives up on a schema that does not answer, and asks it again the next time', async () => {
    const path = fileWith('1');
    let hangs = false;
    const schema = schemaOf((value) => (hangs ? new Promise<never>(() => {}) : { value }));
    const config = await watching(path, { schema, validateMs: 20, ...whenAsked });
    hangs = true;
    writeFileSync(path, '2');
    expect(await config.reload()).toMatchObject({
      result: 'rejected',
      error: {
        code: 'ERR_CONFIG_TIMEOUT',
        message: `ERR_CONFIG_TIMEOUT: Expected to know within 20 ms whether ${path} is good, got no answer from its \`parse\` and \`schema\`. Let them answer, or raise \`validateMs\`.`,
      },
    });
    expect(config.value).toBe(1);
    hangs = false;
    expect(await config.reload()).toEqual({ result: 'applied', revision: 2 });
  });

  it('takes a schema that throws for one that refuses', async () => {
    const path = fileWith('1');
    const thrown = new Error('out of order');
    const schema = schemaOf((value) => {
      if (value === 2) throw thrown;
      return { value };
    });
    const config = await watching(path, { schema, ...whenAsked });
    writeFileSync(path, '2');
    expect(await config.reload()).toMatchObject({
      result: 'rejected',
      error: { code: 'ERR_CONFIG_INVALID', cause: thrown },
    });
  });

  it('that many ask for at once is one look, or the one after it', async () => {
    const path = fileWith('1');
    const asked = vi.fn();
    const schema = schemaOf(async (value) => {
      asked();
      return { value };
    });
    const config = await watching(path, { schema, ...whenAsked });
    asked.mockClear();
    await Promise.all(Array.from({ length: 20 }, () => config.reload()));
    expect(asked.mock.calls.length).toBeLessThanOrEqual(2);
  });
});

describe('a listener', () => {
  it('finds the value in force, and is told of each in order while it is at work', async () => {
    const path = fileWith('0');
    const config = await watching<number>(path, whenAsked);
    const heard: [value: number, inForce: number][] = [];
    let release: (() => void) | undefined;
    config.on('change', async ({ value }) => {
      heard.push([value, config.value]);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    for (const n of [1, 2, 3]) {
      writeFileSync(path, String(n));
      await config.reload();
    }
    // It is still at the first one; the value is not held up.
    expect(heard).toEqual([[1, 1]]);
    expect(config.value).toBe(3);
    for (const length of [2, 3]) {
      release?.();
      await vi.waitUntil(() => heard.length === length);
    }
    expect(heard.slice(1)).toEqual([
      [2, 3],
      [3, 3],
    ]);
    release?.();
  });

  it('may ask for a reload, and close', async () => {
    const path = fileWith('1');
    const config = await watching(path, whenAsked);
    const done = new Promise<string>((resolve) => {
      config.on('change', async () => {
        const { result } = await config.reload();
        config.close();
        resolve(result);
      });
    });
    writeFileSync(path, '2');
    await config.reload();
    expect(await done).toBe('unchanged');
  });

  it('that fails is logged, and told as an error', async () => {
    const path = fileWith('1');
    const logger = new FakeLogger();
    const config = await watching(path, { ...whenAsked, logger });
    const thrown = new Error('no');
    config.on('change', () => Promise.reject(thrown));
    const failed = new Promise<ListenerFailure>((resolve) => config.on('error', resolve));
    writeFileSync(path, '2');
    await config.reload();
    expect(await failed).toEqual({ error: thrown, from: 'a listener of "change"' });
    expect(config.value).toBe(2);
    expect(logger.lines.at(-1)).toMatchObject({
      level: 'error',
      fields: { config: 'config.json', err: thrown, from: 'a listener of "change"' },
    });
  });

  it('is told once of what is bad, with what stays in force', async () => {
    const path = fileWith('1');
    const rejected = vi.fn();
    const config = await watching(path, { ...whenAsked, onRejected: rejected });
    writeFileSync(path, '{');
    await config.reload();
    expect(rejected).toHaveBeenCalledExactlyOnceWith({
      error: config.rejection,
      revision: 1,
      cause: 'reload',
    });
  });

  it.each([
    ['of an event that does not exist', ['changed', () => {}], '"changed"'],
    ['that is none', ['change', 5], 'a function'],
  ] as const)('%s is refused', async (_, [name, listener], word) => {
    const config = await watching(fileWith('1'));
    const error = await errorOf(() => config.on(name as 'change', listener as never));
    expect(error).toMatchObject({ code: 'ERR_CONFIG_OPTION', message: expect.stringContaining(word) });
  });
});

describe('close()', () => {
  it('keeps the value, and tells nobody of anything any more', async () => {
    const path = fileWith('1');
    const changed = vi.fn();
    const config = await watching(path, { onChange: changed });
    config.close();
    config.close();
    writeFileSync(path, '2');
    const error = await errorOf(() => config.reload());
    expect(error).toMatchObject({
      code: 'ERR_CONFIG_CLOSED',
      message: `ERR_CONFIG_CLOSED: Expected ${path} to be watched, got a look at it after close(). Watch it anew.`,
    });
    expect(config.value).toBe(1);
    expect(changed).not.toHaveBeenCalled();
  });

  it('is what disposing does', async () => {
    const config = await watching(fileWith('1'));
    config[Symbol.dispose]();
    expect(await errorOf(() => config.reload())).toMatchObject({ code: 'ERR_CONFIG_CLOSED' });
  });

  it('ends a look that is under way without a word', async () => {
    const path = fileWith('1');
    const logger = new FakeLogger();
    let answer: ((result: { value: unknown }) => void) | undefined;
    let first = true;
    const schema = schemaOf((value) => {
      if (first) {
        first = false;
        return { value };
      }
      return new Promise<{ value: unknown }>((resolve) => {
        answer = resolve;
      });
    });
    const config = await watching(path, { ...whenAsked, schema, logger });
    const reload = errorOf(() => config.reload());
    await vi.waitUntil(() => answer !== undefined);
    config.close();
    answer?.({ value: 2 });
    expect(await reload).toMatchObject({ code: 'ERR_CONFIG_CLOSED' });
    expect(config.value).toBe(1);
    expect(logger.lines).toHaveLength(1);
  });
});

describe('the log', () => {
  it('has a line for each revision, for each refusal, and for the end of one', async () => {
    const path = fileWith('1');
    const logger = new FakeLogger();
    const config = await watching(path, { ...whenAsked, schema: numberOf, logger, name: 'app' });
    for (const text of ['2', '"x"', '2']) {
      writeFileSync(path, text);
      await config.reload();
    }
    expect(logger.lines).toMatchObject([
      {
        level: 'info',
        message: 'config app: revision 1 is in force',
        fields: { revision: 1, cause: 'start' },
      },
      { level: 'info', message: 'config app: revision 2 is in force', fields: { cause: 'reload' } },
      {
        level: 'warn',
        message: `config app: rejected, revision 2 stays in force. ERR_CONFIG_INVALID: Expected ${path} to be what its schema asks for, got 1 issue: the whole (line 1): no number`,
        fields: {
          code: 'ERR_CONFIG_INVALID',
          file: path,
          issues: [{ path: [], message: 'no number', line: 1 }],
        },
      },
      { level: 'info', message: 'config app: unchanged, revision 2 stays in force' },
    ]);
  });

  it('is warnings of the process where no logger was given, of what goes wrong alone', async () => {
    const path = fileWith('1');
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    using config = await watchConfig({ path, schema: numberOf, signal: false, ...whenAsked });
    expect(warned).not.toHaveBeenCalled();
    writeFileSync(path, 'x');
    await config.reload();
    expect(warned).toHaveBeenCalledExactlyOnceWith(
      expect.stringContaining('config config.json: rejected, revision 1 stays in force. ERR_CONFIG_PARSE:'),
      'ConfigWarning',
    );
    config.on('change', () => {
      throw new Error('out of order');
    });
    writeFileSync(path, '2');
    await config.reload();
    await vi.waitUntil(() => warned.mock.calls.length === 2);
    expect(warned).toHaveBeenLastCalledWith('config config.json: error from a listener of "change"', {
      type: 'ConfigWarning',
      detail: expect.stringContaining('out of order'),
    } as never);
    warned.mockRestore();
  });
});
