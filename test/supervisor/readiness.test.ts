import { describe, expect, it } from 'vitest';
import { type Address, ConnectError, Connection, freePort } from '@graceful/conformance/client';
import { nodeService, plainServer } from '../src/supervisor/behaviour.js';
import { Load } from '../src/supervisor/load.js';
import { SupervisorProcess } from '../src/supervisor/supervisor-process.js';

async function untilItListens(address: Address): Promise<void> {
  for (;;) {
    try {
      (await Connection.open(address)).close();
      return;
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
    }
  }
}

describe('a program that cannot say that it serves', () => {
  it.each([
    {
      name: 'an answer',
      readiness: (port: number) => ({ kind: 'http', url: `http://127.0.0.1:${port}/` }) as const,
    },
    {
      name: 'a connection',
      readiness: (port: number) => ({ kind: 'tcp', host: '127.0.0.1', port }) as const,
    },
    { name: 'time that has passed', readiness: () => ({ kind: 'timer', ms: 2_000 }) as const },
  ])('is known to by $name, and upgraded without a loss', async ({ readiness }) => {
    const port = await freePort();
    await using supervisor = await SupervisorProcess.serving({
      listen: [{ name: 'http', port, host: '127.0.0.1' }],
      command: plainServer({ version: 'v1' }),
      readiness: readiness(port),
    });
    using load = new Load({ at: await supervisor.address(), kept: 0, slow: 0 });
    await load.more();
    expect(await supervisor.upgrade(plainServer({ version: 'v2' }))).toEqual({ done: 'ok' });
    await supervisor.logged('the old one leaves', ({ message }) => message === 'generation 1 has left');
    await load.more();
    expect((await load.nothingLost()).versions).toEqual(['v1', 'v2']);
    supervisor.signal('SIGTERM');
    expect(await supervisor.exit()).toEqual({ code: 0, signal: null });
  });

  it.each(['http', 'tcp'] as const)(
    'is not taken to by what the old version answers on the same socket: %s',
    async (kind) => {
      const port = await freePort();
      await using supervisor = await SupervisorProcess.serving({
        listen: [{ name: 'http', port, host: '127.0.0.1' }],
        command: plainServer({ version: 'v1' }),
        readiness:
          kind === 'http' ? { kind, url: `http://127.0.0.1:${port}/` } : { kind, host: '127.0.0.1', port },
        readyMs: 3_000,
      });
      using load = new Load({ at: await supervisor.address(), kept: 0, slow: 0 });
      const never = plainServer({ version: 'v2', neverListens: true });
      expect(await supervisor.upgrade(never)).toMatchObject({ done: 'failed', code: 'timeout' });
      expect((await load.nothingLost()).versions).toEqual(['v1']);
    },
  );

  it('over IPv6, and on a socket of both families', async () => {
    const port = await freePort();
    await using supervisor = await SupervisorProcess.serving({
      listen: [{ name: 'http', port }],
      command: plainServer({ version: 'v1' }),
      readiness: { kind: 'http', url: `http://[::1]:${port}/` },
    });
    expect(await supervisor.upgrade(plainServer({ version: 'v2' }))).toEqual({ done: 'ok' });
  });

  it('and greets when it was taken to serve already, listens at once; meanwhile connections wait', async () => {
    const port = await freePort();
    const command = nodeService({ memory: 'kept' });
    await using supervisor = await SupervisorProcess.serving({
      listen: [{ name: 'http', port, host: '127.0.0.1' }],
      command,
      readiness: { kind: 'timer', ms: 1 },
    });
    // The first of all was taken to serve before it listened: until then the door is shut.
    await untilItListens(await supervisor.address());
    using load = new Load({ at: await supervisor.address() });
    await load.more();
    expect(await supervisor.upgrade(nodeService({ memory: 'kept', version: 'v2' }))).toEqual({ done: 'ok' });
    await load.more();
    await load.nothingLost();
  });
});
