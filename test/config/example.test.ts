import { join } from 'node:path';
import { Ledger } from '@graceful/conformance/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigMapMount } from '../src/config-map.js';
import { testFolder } from '../src/config/folder.js';
import { ExampleProcess } from '../src/examples/example-process.js';

const content = (config: object | string) => ({
  'config.json': typeof config === 'string' ? config : JSON.stringify(config, undefined, 2),
});
const inForce = (revision: number) => `config config.json: revision ${revision} is in force`;

describe('examples/config-reload', () => {
  it('changes what it answers, its log level and its drain budgets while it runs, and leaves by the new ones', async () => {
    const mount = new ConfigMapMount(
      join(testFolder(), 'etc'),
      content({ greeting: 'hello', drain: { delayMs: 60_000 } }),
    );
    const service = await ExampleProcess.start('config-reload', { CONFIG: mount.path('config.json') });
    onTestFinished(() => service.destroy());
    const clients = new Ledger();
    onTestFinished(() => clients.destroy());
    const until = (message: string) => service.log.until(message, ({ msg }) => msg.includes(message));
    const greeting = async () => {
      const client = await clients.connect(service.address);
      return (await client.ask({ path: '/' })).body;
    };
    const requestsLogged = () => service.log.all.filter(({ msg }) => msg === 'request').length;

    expect(await greeting()).toBe('hello\n');
    mount.write(content({ greeting: 'good evening', logLevel: 'debug', drain: { delayMs: 60_000 } }));
    await until(inForce(2));
    expect(await greeting()).toBe('good evening\n');
    await until('request');
    expect(requestsLogged()).toBe(1);

    mount.write(content('{\n  "greeting": "",\n  "drain": { "delay": 5 }\n}'));
    const rejected = await until('rejected, revision 2 stays in force');
    expect(rejected.msg).toMatch(/got 2 issues: greeting \(line 2\): .+; drain \(line 3\): /);
    expect(await greeting()).toBe('good evening\n');

    mount.write(content({ greeting: 'bye', logLevel: 'info', drain: { delayMs: 200, hooksMs: 100 } }));
    await until(inForce(3));
    service.terminate();

    expect(await service.exit(), service.stderr).toMatchObject({ code: 0, signal: null });
    expect(service.report).toMatchObject({ verdict: 'clean', heldBy: [], requests: { dropped: 0 } });
    const draining = service.report?.states.find(({ state }) => state === 'draining');
    expect(draining?.afterMs).toBeGreaterThanOrEqual(199);
    expect(draining?.afterMs).toBeLessThan(20_000);
    expect(service.stderr).toBe('');
  });

  it('does not start with a configuration that is bad, and says so in its log', async () => {
    const mount = new ConfigMapMount(join(testFolder(), 'etc'), content({ greeting: 5 }));
    const service = await ExampleProcess.launch('config-reload', { CONFIG: mount.path('config.json') });
    onTestFinished(() => service.destroy());

    expect(await service.exit()).toMatchObject({ code: 1, signal: null });
    expect(service.log.all.map(({ msg }) => msg).join('\n')).toContain('ERR_CONFIG_INVALID');
    expect(service.report).toMatchObject({ verdict: 'failed' });
  });
});
