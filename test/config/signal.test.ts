import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigMapMount } from '../src/config-map.js';
import { ConfigProcess } from '../src/config/config-process.js';
import { testFolder } from '../src/config/folder.js';
import { atTerminal, hasTerminal } from '../src/harness/terminal.js';

const json = (n: number) => JSON.stringify({ n });
/** So long that nothing is looked at by itself while a test runs. */
const never = 3_600_000;

function folderWith(n: number): string {
  const path = join(testFolder(), 'config.json');
  writeFileSync(path, json(n));
  return path;
}

async function watching(...args: Parameters<typeof ConfigProcess.start>): Promise<ConfigProcess> {
  const service = await ConfigProcess.start(...args);
  onTestFinished(() => service.destroy());
  return service;
}

describe('SIGHUP', () => {
  it('looks at once, whatever is waited for', async () => {
    const path = folderWith(1);
    const service = await watching({ path, debounceMs: never });

    writeFileSync(path, json(2));
    service.signal('SIGHUP');

    expect(await service.changeTo(2)).toMatchObject({ cause: 'signal', revision: 2 });
  });

  it('says so where nothing has changed', async () => {
    const service = await watching({ path: folderWith(1) });

    service.signal('SIGHUP');

    await service.until('log', ({ message }) => message.endsWith('unchanged, revision 1 stays in force'));
    expect(service.of('change')).toEqual([]);
  });

  it('that comes before the first value is there harms nobody', async () => {
    const path = join(testFolder(), 'config.json');
    const service = new ConfigProcess({ path, debounceMs: never, waitMs: never });
    onTestFinished(() => service.destroy());
    await service.until('rejected');

    writeFileSync(path, json(5));
    service.signal('SIGHUP');

    expect(await service.until('ready')).toMatchObject({ value: { n: 5 } });
  });

  it('a hundred times in a row is no hundred looks, and the last content is in force', async () => {
    const path = folderWith(0);
    const service = await watching({ path, debounceMs: never });

    for (let n = 1; n <= 100; n++) {
      writeFileSync(path, json(n));
      service.signal('SIGHUP');
    }

    await service.changeTo(100);
    const applied = service.of('change').map(({ value }) => value.n);
    expect(applied).toEqual([...new Set(applied)].toSorted((a, b) => a - b));
  });

  it('can be another signal, and then it is not this one: the process ends as it would without', async () => {
    const path = folderWith(1);
    const service = await watching({ path, debounceMs: never, signal: 'SIGUSR2' });

    writeFileSync(path, json(2));
    service.signal('SIGUSR2');
    await service.changeTo(2);
    service.signal('SIGHUP');

    expect(await service.exit()).toBe('SIGHUP');
  });

  it('is nobody’s after close(): the process ends as it would without', async () => {
    const service = await watching({ path: folderWith(1) });

    service.tell({ type: 'close' });
    await service.until('closed');
    service.signal('SIGHUP');

    expect(await service.exit()).toBe('SIGHUP');
  });

  it.runIf(hasTerminal())('of a terminal that goes is no wish to reload: the process ends', async () => {
    const service = await watching({ path: folderWith(1) }, { wrap: atTerminal });

    // The end of `script` closes the terminal.
    service.signal('SIGKILL');

    // Its end of the channel closes with the process.
    await service.disconnected();
    expect(service.of('log').map(({ message }) => message)).toEqual([
      'config config.json: revision 1 is in force',
    ]);
  });
});

const content = (text: string) => ({ 'config.json': text });
/** The value of a metric in what was scraped. */
const at = (text: string, name: string) =>
  Number(new RegExp(`^${name}\\{config="config.json"\\} (.+)$`, 'm').exec(text)?.[1]);

describe('the metrics', () => {
  it('tell of a mounted ConfigMap that changes, turns bad, and good again', async () => {
    const mount = new ConfigMapMount(join(testFolder(), 'mount'), content(json(1)));
    const service = await watching({ path: mount.path('config.json'), debounceMs: 20 });
    const metrics = async () => {
      const coming = service.next('metrics');
      service.tell({ type: 'metrics' });
      return (await coming).text;
    };
    const first = await metrics();
    expect(first).toContain('graceful_config_revision{config="config.json"} 1');
    expect(first).toContain('graceful_config_rejected{config="config.json"} 0');

    mount.write(content(json(2)));
    await service.changeTo(2);
    mount.write(content('bad'));
    await service.until('rejected');
    const bad = await metrics();
    expect(bad).toContain('graceful_config_revision{config="config.json"} 2');
    expect(bad).toContain('graceful_config_rejected{config="config.json"} 1');
    expect(bad).toContain(
      'graceful_config_reloads_total{config="config.json",result="rejected",code="ERR_CONFIG_PARSE"} 1',
    );

    mount.write(content(json(3)));
    await service.changeTo(3);
    const good = await metrics();
    expect(good).toContain('graceful_config_rejected{config="config.json"} 0');
    expect(good).toContain('graceful_config_reloads_total{config="config.json",result="applied",code=""} 3');
    const since = 'graceful_config_last_success_timestamp_seconds';
    expect(at(good, since)).toBeGreaterThan(at(first, since));
    expect(at(good, 'graceful_config_hash')).not.toBe(at(first, 'graceful_config_hash'));
    expect(service.all.findLast(({ type }) => type === 'change')).toMatchObject({ previous: { n: 2 } });
  });
});
