import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readContent } from '../src/read/content.js';
import { steady } from '../src/read/steady.js';
import { testFolder } from './support/folder.js';
import { errorOf } from './support/watch.js';

const filesOf = async (folder: string) => {
  const content = await readContent('directory', folder, 1_000);
  if (content.source !== 'directory') throw new Error('Expected a directory.');
  return Object.fromEntries([...content.files].map(([key, bytes]) => [key, bytes.toString()]));
};

describe('what is read of a directory', () => {
  it('are its files, and those that links lead to', async () => {
    const folder = testFolder();
    writeFileSync(join(folder, 'b'), 'two');
    writeFileSync(join(folder, 'a'), 'one');
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'folder', 'c'), 'three');
    symlinkSync('folder/c', join(folder, 'link'));
    for (const name of ['.hidden', 'a~']) writeFileSync(join(folder, name), '');
    expect(await filesOf(folder)).toEqual({ a: 'one', b: 'two', link: 'three' });
  });

  it('of a mount of Kubernetes is what its link leads to, with names that begin with a dot', async () => {
    const folder = testFolder();
    mkdirSync(join(folder, '..2026'));
    writeFileSync(join(folder, '..2026', '.dockerconfigjson'), '{}');
    writeFileSync(join(folder, '..2026', 'key'), 'value');
    symlinkSync('..2026', join(folder, '..data'));
    // As between the turn of the link and the making of what users see.
    symlinkSync('..data/key', join(folder, 'key'));
    symlinkSync('..data/gone', join(folder, 'gone'));
    expect(await filesOf(folder)).toEqual({ '.dockerconfigjson': '{}', key: 'value' });
  });

  it('has one hash for one content, and another when something moves from one file to the next', async () => {
    const hashes = new Set<string>();
    for (const files of [{ a: 'xy', b: 'z' }, { b: 'z', a: 'xy' }, { a: 'x', b: 'yz' }, { ab: 'xyz' }, {}]) {
      const folder = testFolder();
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      hashes.add((await readContent('directory', folder, 1_000)).hash);
    }
    expect(hashes.size).toBe(4);
  });

  it('is bounded for all of it together, in bytes and in files', async () => {
    const folder = testFolder();
    writeFileSync(join(folder, 'a'), 'x'.repeat(600));
    writeFileSync(join(folder, 'b'), 'x'.repeat(400));
    expect((await readContent('directory', folder, 1_000)).hash).toMatch(/^[0-9a-f]{64}$/);
    writeFileSync(join(folder, 'c'), 'x');
    expect(await errorOf(() => readContent('directory', folder, 1_000))).toMatchObject({
      code: 'ERR_CONFIG_TOO_LARGE',
      message: expect.stringContaining('at most 1000 bytes'),
    });
    for (let n = 0; n < 1_000; n++) writeFileSync(join(folder, `key-${n}`), '');
    expect(await errorOf(() => readContent('directory', folder, 1_000))).toMatchObject({
      code: 'ERR_CONFIG_TOO_LARGE',
      message: expect.stringContaining('at most 1000 files'),
    });
  });

  it('cannot be read where a file is', async () => {
    const path = join(testFolder(), 'file');
    writeFileSync(path, '');
    expect(await errorOf(() => readContent('directory', path, 1_000))).toMatchObject({
      code: 'ERR_CONFIG_UNREADABLE',
      message: expect.stringContaining('got a file. Name it with `path`'),
    });
  });
});

describe('what is read of a file', () => {
  it('is all of it, up to the last byte that it may have', async () => {
    const path = join(testFolder(), 'file');
    writeFileSync(path, 'x'.repeat(200_000));
    expect(await readContent('file', path, 200_000)).toMatchObject({ bytes: { length: 200_000 } });
    expect(await errorOf(() => readContent('file', path, 199_999))).toMatchObject({
      code: 'ERR_CONFIG_TOO_LARGE',
    });
  });

  it('has no end where a device has none: it is not read', async () => {
    expect(await errorOf(() => readContent('file', '/dev/zero', 1_000))).toMatchObject({
      code: 'ERR_CONFIG_UNREADABLE',
      message: expect.stringContaining('a device'),
    });
  });

  it.runIf(process.platform === 'linux')('may be one that says that it is empty', async () => {
    const content = await readContent('file', '/proc/self/status', 100_000);
    expect(content).toMatchObject({ bytes: expect.any(Buffer) });
    expect(content.source === 'file' && content.bytes.toString()).toContain('Pid:');
  });

  it('is missing where it is not, or where a file stands in its way', async () => {
    const folder = testFolder();
    writeFileSync(join(folder, 'file'), '');
    for (const path of [join(folder, 'gone'), join(folder, 'file', 'config.json')]) {
      expect(await errorOf(() => readContent('file', path, 1_000))).toMatchObject({
        code: 'ERR_CONFIG_MISSING',
        message: expect.stringContaining(`Expected a file at ${path}, got E`),
        cause: expect.any(Error),
      });
    }
  });

  it('cannot be read through a link in a circle', async () => {
    const path = join(testFolder(), 'circle');
    symlinkSync('circle', path);
    expect(await errorOf(() => readContent('file', path, 1_000))).toMatchObject({
      code: 'ERR_CONFIG_UNREADABLE',
      message: expect.stringContaining('ELOOP'),
    });
  });
});

/** The last one stays. */
function next<Item>(items: Item[]): Item {
  return (items.length > 1 ? items.shift() : items[0]) as Item;
}

/** Signatures and readings as they follow each other. */
function unsteady(signatures: string[], readings: (() => string)[]): Promise<string> {
  return steady(
    async () => next(signatures),
    async () => next(readings)(),
  );
}

function gone(): never {
  throw new Error('gone');
}

describe('a steady read', () => {
  it('is taken when nothing has changed meanwhile', async () => {
    expect(await unsteady(['a', 'a'], [() => 'one'])).toBe('one');
  });

  it('is made again when something has', async () => {
    expect(await unsteady(['a', 'b', 'b', 'b'], [() => 'half', () => 'whole'])).toBe('whole');
  });

  it('that failed is made again when something has changed meanwhile, and else has failed', async () => {
    expect(await unsteady(['a', 'b', 'b', 'b'], [gone, () => 'whole'])).toBe('whole');
    await expect(unsteady(['a', 'a'], [gone])).rejects.toThrow('gone');
  });

  it('ends, however restless it is', async () => {
    let count = 0;
    const restless = steady(
      async () => String(count++),
      async () => count,
    );
    expect(await restless).toBeGreaterThan(10);
  });

  it('that fails at the end of it all is the last one that did not', async () => {
    let count = 0;
    const restless = steady(
      async () => String(count++),
      async () => (count < 12 ? 'found' : gone()),
    );
    expect(await restless).toBe('found');
  });

  it('of a file that is removed says so', async () => {
    const path = join(testFolder(), 'file');
    writeFileSync(path, '');
    rmSync(path);
    expect(await errorOf(() => readContent('file', path, 10))).toMatchObject({ code: 'ERR_CONFIG_MISSING' });
  });
});
