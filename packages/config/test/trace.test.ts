import { mkdirSync, realpathSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { trace } from '../src/path/trace.js';
import { testFolder } from './support/folder.js';

/** A folder for a test, by its real path: the way to it is none of the test's business. */
const place = () => realpathSync(testFolder());

const namesAt = async (source: 'file' | 'directory', path: string, folder: string) => {
  const names = (await trace(source, path)).folders.get(folder);
  return names === undefined || names === 'all' ? names : [...names].toSorted();
};

describe('the trace of a file', () => {
  it('has each folder on its way, with the name that matters there, and the file', async () => {
    const folder = place();
    mkdirSync(join(folder, 'etc'));
    const path = join(folder, 'etc', 'config.json');
    writeFileSync(path, '');
    expect(await namesAt('file', path, '/')).toEqual([folder.split('/')[1]]);
    expect(await namesAt('file', path, folder)).toEqual(['etc']);
    expect(await namesAt('file', path, join(folder, 'etc'))).toEqual(['config.json']);
    expect((await trace('file', path)).file).toBe(path);
  });

  it('goes through links, relative and absolute, up and down', async () => {
    const folder = place();
    mkdirSync(join(folder, 'a', 'b'), { recursive: true });
    mkdirSync(join(folder, 'c'));
    writeFileSync(join(folder, 'c', 'real.json'), '');
    symlinkSync('../../c', join(folder, 'a', 'b', 'up'));
    symlinkSync(join(folder, 'a', 'b', 'up', 'real.json'), join(folder, 'config.json'));
    const path = join(folder, 'config.json');
    expect(await namesAt('file', path, folder)).toEqual(['a', 'c', 'config.json']);
    expect(await namesAt('file', path, join(folder, 'a', 'b'))).toEqual(['up']);
    expect(await namesAt('file', path, join(folder, 'c'))).toEqual(['real.json']);
    expect((await trace('file', path)).file).toBe(join(folder, 'c', 'real.json'));
  });

  it('ends where nothing is: what comes there is heard of', async () => {
    const folder = place();
    const { folders, file } = await trace('file', join(folder, 'later', 'config.json'));
    expect(folders.get(folder)).toEqual(new Set(['later']));
    expect(folders.has(join(folder, 'later'))).toBe(false);
    expect(file).toBeUndefined();
  });

  it('ends where a link leads nowhere, or in a circle', async () => {
    const folder = place();
    symlinkSync('nowhere', join(folder, 'dangling'));
    symlinkSync('circle', join(folder, 'circle'));
    expect(await namesAt('file', join(folder, 'dangling'), folder)).toEqual(['dangling', 'nowhere']);
    expect((await trace('file', join(folder, 'circle'))).file).toBeUndefined();
  });

  it('ends at a file that stands where a folder should', async () => {
    const folder = place();
    writeFileSync(join(folder, 'file'), '');
    expect((await trace('file', join(folder, 'file', 'config.json'))).file).toBeUndefined();
  });

  const changes: readonly [what: string, change: (folder: string) => void][] = [
    ['is written', (folder) => writeFileSync(join(folder, 'etc', 'config.json'), 'other')],
    ['has another time', (folder) => utimesSync(join(folder, 'etc', 'config.json'), 1, 1)],
    [
      'is replaced by one of the same size and time',
      (folder) => {
        const path = join(folder, 'etc', 'config.json');
        writeFileSync(`${path}.new`, 'same');
        utimesSync(`${path}.new`, 5, 5);
        renameSync(`${path}.new`, path);
      },
    ],
    ['is gone', (folder) => rmSync(join(folder, 'etc', 'config.json'))],
    ['is gone with its folder', (folder) => rmSync(join(folder, 'etc'), { recursive: true })],
    [
      'is led to by another link',
      (folder) => {
        symlinkSync('etc', join(folder, 'next'));
        renameSync(join(folder, 'next'), join(folder, 'link'));
        rmSync(join(folder, 'link'));
        mkdirSync(join(folder, 'other'));
        writeFileSync(join(folder, 'other', 'config.json'), 'same');
        symlinkSync('other', join(folder, 'link'));
      },
    ],
  ];

  it.each(changes)('is another one when the file %s', async (_, change) => {
    const folder = place();
    mkdirSync(join(folder, 'etc'));
    writeFileSync(join(folder, 'etc', 'config.json'), 'same');
    utimesSync(join(folder, 'etc', 'config.json'), 5, 5);
    symlinkSync('etc', join(folder, 'link'));
    const path = join(folder, 'link', 'config.json');
    const { signature } = await trace('file', path);
    expect((await trace('file', path)).signature).toBe(signature);
    change(folder);
    expect((await trace('file', path)).signature).not.toBe(signature);
  });

  it('is the same one whatever else is in its folders', async () => {
    const folder = place();
    const path = join(folder, 'config.json');
    writeFileSync(path, '');
    const { signature } = await trace('file', path);
    writeFileSync(join(folder, 'other.json'), '');
    expect((await trace('file', path)).signature).toBe(signature);
  });
});

describe('the trace of a directory', () => {
  it('has all that is in it', async () => {
    const folder = place();
    writeFileSync(join(folder, 'key'), '');
    expect(await namesAt('directory', folder, folder)).toBe('all');
    const { signature, file } = await trace('directory', folder);
    expect(file).toBeUndefined();
    writeFileSync(join(folder, 'another'), '');
    const more = await trace('directory', folder);
    expect(more.signature).not.toBe(signature);
    writeFileSync(join(folder, 'key'), 'longer');
    expect((await trace('directory', folder)).signature).not.toBe(more.signature);
  });

  it('of a mount of Kubernetes is another one when its link is turned, even if it has no key', async () => {
    const folder = place();
    for (const name of ['..one', '..two']) mkdirSync(join(folder, name));
    symlinkSync('..one', join(folder, '..data'));
    const { signature } = await trace('directory', folder);
    symlinkSync('..two', join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    expect((await trace('directory', folder)).signature).not.toBe(signature);
  });

  it('leaves out what editors leave behind', async () => {
    const folder = place();
    writeFileSync(join(folder, 'key'), '');
    const { signature } = await trace('directory', folder);
    for (const name of ['.key.swp', 'key~']) writeFileSync(join(folder, name), '');
    expect((await trace('directory', folder)).signature).toBe(signature);
  });
});
