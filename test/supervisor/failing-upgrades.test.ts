import { describe, expect, it } from 'vitest';
import { nodeService, rawChild, type Said } from '../src/supervisor/behaviour.js';
import { Load } from '../src/supervisor/load.js';
import { SupervisorProcess } from '../src/supervisor/supervisor-process.js';

const listen = [{ name: 'http', port: 0, host: '127.0.0.1' }];
const hello: Said = { hello: {} };

/** Each a version that cannot be. */
const failures: readonly {
  readonly name: string;
  readonly command: readonly string[];
  readonly code: string;
  readonly says: string;
}[] = [
  {
    name: 'a program that is missing',
    command: ['/nowhere/server'],
    code: 'precheck',
    says: 'does not exist',
  },
  {
    name: 'a program that is nowhere in PATH',
    command: ['no-such-program'],
    code: 'precheck',
    says: 'no executable program "no-such-program"',
  },
  {
    name: 'a program that exits with 0',
    command: nodeService({ goes: { at: 'start', code: 0 } }),
    code: 'exit',
    says: 'with code 0',
  },
  {
    name: 'a program that exits with 1',
    command: nodeService({ goes: { at: 'start', code: 1 } }),
    code: 'exit',
    says: 'with code 1',
  },
  {
    name: 'a program that is killed',
    command: nodeService({ goes: { at: 'start', signal: 'SIGKILL' } }),
    code: 'exit',
    says: 'by SIGKILL',
  },
  {
    name: 'a service that ends when it has begun to listen',
    command: nodeService({ goes: { at: 'listening', code: 3 } }),
    code: 'exit',
    says: 'with code 3',
  },
  {
    name: 'a service that is never ready, and ignores SIGTERM',
    command: nodeService({ neverReady: true, ignores: ['SIGTERM'] }),
    code: 'timeout',
    says: 'its time is up',
  },
  {
    name: 'a program that says nothing, and ignores SIGTERM',
    command: rawChild([], true),
    code: 'timeout',
    says: 'waiting for a first word',
  },
  {
    name: 'a program that talks garbage',
    command: rawChild([hello, { bytes: '{"type":\n' }]),
    code: 'protocol',
    says: 'expected a JSON object',
  },
  {
    name: 'a program that talks without end',
    command: rawChild([{ flood: 70_000 }], true),
    code: 'protocol',
    says: 'a line of more than 65536 bytes',
  },
  {
    name: 'a program that greets twice',
    command: rawChild([hello, hello]),
    code: 'protocol',
    says: '"hello" in the state "hello"',
  },
  {
    name: 'a program that says what it has not been asked for',
    command: rawChild([hello, { bytes: '{"type":"ready","listeners":[]}\n' }]),
    code: 'protocol',
    says: '"ready" in the state "hello"',
  },
  {
    name: 'a program that does not greet',
    command: rawChild([{ bytes: '{"type":"prepared"}\n' }]),
    code: 'protocol',
    says: 'expected "hello" first',
  },
  {
    name: 'a program of another time',
    command: rawChild([{ hello: { v: 99 } }]),
    code: 'version',
    says: 'speaks version 99',
  },
  {
    name: 'a stranger',
    command: rawChild([{ hello: { token: 'ffff' } }]),
    code: 'protocol',
    says: 'not its own',
  },
];

describe('an upgrade fails, and what served before serves on', () => {
  it('whatever is wrong with the new version, under load', async () => {
    await using supervisor = await SupervisorProcess.serving({
      listen,
      command: nodeService(),
      readyMs: 4_000,
      terminateMs: 300,
    });
    const before = await supervisor.pidsOf(1);
    using load = new Load({ at: await supervisor.address(), slow: 2 });
    await load.more();
    for (const { name, command, code, says } of failures) {
      const outcome = await supervisor.upgrade(command);
      expect({ name, ...outcome }).toEqual({
        name,
        done: 'failed',
        code,
        message: expect.stringContaining(says) as string,
      });
      const { state, generation, generations } = await supervisor.status();
      expect({ name, state, generation, count: generations.length }).toEqual({
        name,
        state: 'serving',
        generation: 1,
        count: 1,
      });
    }
    await load.more();
    // And the door is not locked by any of it.
    expect(await supervisor.upgrade(nodeService({ version: 'v2' }))).toEqual({ done: 'ok' });
    await load.more();
    const { versions } = await load.nothingLost();
    expect(versions).toEqual(['v1', 'v2']);
    expect(await supervisor.pidsOf(failures.length + 2)).not.toEqual(before);
    supervisor.signal('SIGTERM');
    expect(await supervisor.exit()).toEqual({ code: 0, signal: null });
    await supervisor.nothingLeft();
  });

  it('a second one is refused while the first is under way', async () => {
    await using supervisor = await SupervisorProcess.serving({ listen, command: nodeService() });
    const first = supervisor.upgrade(nodeService({ version: 'v2' }));
    expect(await supervisor.upgrade(nodeService({ version: 'v3' }))).toMatchObject({
      done: 'refused',
      code: 'in-progress',
    });
    expect(await first).toEqual({ done: 'ok' });
    expect(await supervisor.upgrade(nodeService({ version: 'v3' }))).toEqual({ done: 'ok' });
  });

  it('a storm of SIGUSR2 is one upgrade', async () => {
    await using supervisor = await SupervisorProcess.serving({ listen, command: nodeService() });
    using load = new Load({ at: await supervisor.address() });
    await load.more();
    for (let count = 0; count < 50; count++) supervisor.signal('SIGUSR2');
    await supervisor.logged('the end of it', ({ message }) => message === 'generation 1 has left');
    await load.more();
    await load.nothingLost();
    const { generation } = await supervisor.status();
    expect(generation).toBeLessThanOrEqual(3);
  });
});
