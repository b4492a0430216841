import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigProcess } from '../src/config/config-process.js';
import { saves } from '../src/config/editors.js';
import { testFolder } from '../src/config/folder.js';
import type { ConfigServiceOptions } from '../src/config/protocol.js';

const json = (n: number) => JSON.stringify({ n, padding: 'x'.repeat(200) }, undefined, 2);

async function watching(options: ConfigServiceOptions): Promise<ConfigProcess> {
  const service = await ConfigProcess.start({ debounceMs: 50, ...options });
  onTestFinished(() => service.destroy());
  return service;
}

describe('a file that is saved', () => {
  it.each(Object.entries(saves))('%s, ten times: each is applied, once', async (_, save) => {
    const path = join(testFolder(), 'config.json');
    writeFileSync(path, json(0));
    const service = await watching({ path });

    for (let n = 1; n <= 10; n++) {
      save(path, json(n));
      await service.changeTo(n);
    }

    expect(service.of('change').map(({ value }) => value.n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(service.of('rejected')).toEqual([]);
  });

  it('in each way in turn is heard of each time', async () => {
    const path = join(testFolder(), 'config.json');
    writeFileSync(path, json(0));
    const service = await watching({ path });
    const ways = Object.values(saves);

    for (let n = 1; n <= 3 * ways.length; n++) {
      ways[n % ways.length]?.(path, json(n));
      await service.changeTo(n);
    }
  });

  it('with another layout, and the same in it, changes nothing', async () => {
    const path = join(testFolder(), 'config.json');
    writeFileSync(path, '{"n":1}');
    const service = await watching({ path });

    writeFileSync(path, '{\n  "n": 1\n}\n');
    service.tell({ type: 'reload' });

    expect(await service.until('looked')).toMatchObject({ result: 'unchanged' });
    expect(service.of('change')).toEqual([]);
  });
});

describe('a path on which something is turned', () => {
  it('a link in the middle of it', async () => {
    const folder = testFolder();
    for (const n of [1, 2]) {
      mkdirSync(join(folder, `release-${n}`, 'etc'), { recursive: true });
      writeFileSync(join(folder, `release-${n}`, 'etc', 'config.json'), json(n));
    }
    symlinkSync('release-1', join(folder, 'current'));
    const service = await watching({ path: join(folder, 'current', 'etc', 'config.json') });

    symlinkSync('release-2', join(folder, 'next'));
    renameSync(join(folder, 'next'), join(folder, 'current'));

    await service.changeTo(2);
    writeFileSync(join(folder, 'release-2', 'etc', 'config.json'), json(3));
    await service.changeTo(3);
  });

  it('a folder above it that is moved away, and another put in its place', async () => {
    const folder = testFolder();
    for (const [name, n] of [
      ['app', 1],
      ['app.new', 2],
    ] as const) {
      mkdirSync(join(folder, name, 'etc'), { recursive: true });
      writeFileSync(join(folder, name, 'etc', 'config.json'), json(n));
    }
    const service = await watching({ path: join(folder, 'app', 'etc', 'config.json') });

    renameSync(join(folder, 'app'), join(folder, 'app.old'));
    renameSync(join(folder, 'app.new'), join(folder, 'app'));

    await service.changeTo(2);
    // The old one is nobody's business any more.
    writeFileSync(join(folder, 'app.old', 'etc', 'config.json'), json(99));
    writeFileSync(join(folder, 'app', 'etc', 'config.json'), json(3));
    await service.changeTo(3);
    expect(service.of('change').map(({ value }) => value.n)).toEqual([2, 3]);
  });

  it('all of it, which is removed and made again, several times', async () => {
    const folder = join(testFolder(), 'a', 'b', 'c');
    const path = join(folder, 'config.json');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, json(0));
    const service = await watching({ path });

    for (let n = 1; n <= 5; n++) {
      const gone = service.next('rejected');
      rmSync(join(folder, '..', '..'), { recursive: true });
      expect(await gone).toMatchObject({ code: 'ERR_CONFIG_MISSING', inForce: n - 1 });
      mkdirSync(folder, { recursive: true });
      writeFileSync(path, json(n));
      await service.changeTo(n);
    }
  });
});
