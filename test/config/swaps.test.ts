import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigMapMount } from '../src/config-map.js';
import { ConfigProcess } from '../src/config/config-process.js';
import { testFolder } from '../src/config/folder.js';
import type { ConfigServiceOptions } from '../src/config/protocol.js';

const file = (n: number) => ({ 'config.json': JSON.stringify({ n }) });
const keys = (n: number) => ({ n: String(n), padding: 'x'.repeat(n) });

async function watching(options: ConfigServiceOptions): Promise<ConfigProcess> {
  const service = await ConfigProcess.start(options);
  onTestFinished(() => service.destroy());
  return service;
}

describe('a mounted ConfigMap that is changed a hundred times', () => {
  it.each([
    ['a file of it', file, (mount: ConfigMapMount) => ({ path: mount.path('config.json') })],
    ['all of its keys', keys, (mount: ConfigMapMount) => ({ directory: mount.folder })],
    [
      'a file of it, by polling',
      file,
      (mount: ConfigMapMount) => ({ path: mount.path('config.json'), watch: 'poll', pollMs: 20 }) as const,
    ],
  ] as const)('%s: each applied, in order, once', async (_, payload, where) => {
    const mount = new ConfigMapMount(join(testFolder(), 'mount'), payload(0));
    const service = await watching({ ...where(mount), debounceMs: 20 });

    for (let n = 1; n <= 100; n++) {
      mount.write(payload(n));
      await service.changeTo(n);
    }

    const changes = service.of('change');
    const upTo100 = Array.from({ length: 100 }, (__, at) => at + 1);
    expect(changes.map(({ value }) => value.n)).toEqual(upTo100);
    expect(changes.map(({ previous }) => previous.n)).toEqual(upTo100.map((n) => n - 1));
    expect(changes.map(({ revision }) => revision)).toEqual(upTo100.map((n) => n + 1));
    expect(changes.map(({ cause }) => cause)).toEqual(upTo100.map(() => 'change'));
    expect(service.of('rejected')).toEqual([]);
    expect(service.stderr).toBe('');
  });

  it('without a pause between them: none is applied twice, none out of order, and the last one is', async () => {
    const mount = new ConfigMapMount(join(testFolder(), 'mount'), file(0));
    const service = await watching({ path: mount.path('config.json'), debounceMs: 5 });

    for (let n = 1; n <= 100; n++) {
      mount.write(file(n));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await service.changeTo(100);

    const applied = service.of('change').map(({ value }) => value.n);
    expect(applied).toEqual([...new Set(applied)].toSorted((a, b) => a - b));
    expect(service.of('rejected')).toEqual([]);
  });

  it('of a directory, without a pause: the keys of two contents are never mixed', async () => {
    const mount = new ConfigMapMount(join(testFolder(), 'mount'), keys(0));
    const service = await watching({ directory: mount.folder, debounceMs: 0 });

    for (let n = 1; n <= 200; n++) {
      mount.write(keys(n));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await service.changeTo(200);

    for (const { value } of service.of('change')) expect(value.padding).toHaveLength(value.n);
    expect(service.of('rejected')).toEqual([]);
  });
});

describe('a mounted ConfigMap', () => {
  it('that gains a key and loses one is read as it is', async () => {
    const mount = new ConfigMapMount(join(testFolder(), 'mount'), { n: '1' });
    const service = await watching({ directory: mount.folder, debounceMs: 20 });

    mount.write({ n: '2', padding: 'x' });
    expect((await service.changeTo(2)).value).toEqual({ n: 2, padding: 'x' });
    mount.write({ n: '3' });
    expect((await service.changeTo(3)).value).toEqual({ n: 3 });
  });

  it('that is written again with the same content changes nothing', async () => {
    const mount = new ConfigMapMount(join(testFolder(), 'mount'), { ...file(1), other: 'a' });
    const service = await watching({ path: mount.path('config.json'), debounceMs: 20 });

    // Everything is new but the content of the file that is watched.
    mount.write({ ...file(1), other: 'b' });
    mount.write({ ...file(1), other: 'c' });
    service.tell({ type: 'reload' });

    expect(await service.until('looked')).toMatchObject({ result: 'unchanged', n: 1 });
    expect(service.of('change')).toEqual([]);
  });

  it('that is unmounted and mounted again is found again, whatever it holds by then', async () => {
    const folder = join(testFolder(), 'mount');
    const service = await watching({
      path: new ConfigMapMount(folder, file(1)).path('config.json'),
      debounceMs: 20,
    });

    rmSync(folder, { recursive: true });
    expect(await service.until('rejected')).toMatchObject({ code: 'ERR_CONFIG_MISSING', inForce: 1 });
    expect(new ConfigMapMount(folder, file(2)).write(file(2)), 'the same again is not written').toBe(false);
    expect(await service.changeTo(2)).toMatchObject({ revision: 2 });
  });
});
