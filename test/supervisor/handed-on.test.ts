import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Connection } from '@graceful/conformance/client';
import { ask } from '../src/supervisor/ask.js';
import { type Behaviour, nodeService } from '../src/supervisor/behaviour.js';
import { SupervisorProcess } from '../src/supervisor/supervisor-process.js';
import { shakeHands } from '../src/tls/handshake.js';

const listen = [{ name: 'http', port: 0, host: '127.0.0.1' }];

describe('what an app hands on', () => {
  const keeping: Behaviour = { memory: 'kept' };

  it('is taken by the next generation, and by the one after', async () => {
    await using supervisor = await SupervisorProcess.serving({ listen, command: nodeService(keeping) });
    await ask(supervisor, 1, '/remember');
    await ask(supervisor, 1, '/remember');
    expect(await supervisor.upgrade(nodeService({ ...keeping, version: 'v2' }))).toEqual({ done: 'ok' });
    expect(await ask(supervisor, 2, '/remember')).toMatchObject({ version: 'v2', remembered: 3 });
    expect(await supervisor.upgrade(nodeService({ ...keeping, version: 'v3' }))).toEqual({ done: 'ok' });
    expect(await ask(supervisor, 3, '/')).toMatchObject({ version: 'v3', remembered: 3 });
  });

  it('may be long', async () => {
    const long: Behaviour = { ...keeping, ballast: 3_000_000 };
    await using supervisor = await SupervisorProcess.serving({ listen, command: nodeService(long) });
    await ask(supervisor, 1, '/remember');
    expect(await supervisor.upgrade(nodeService({ ...keeping, version: 'v2' }))).toEqual({ done: 'ok' });
    expect(await ask(supervisor, 2, '/')).toMatchObject({ version: 'v2', remembered: 1 });
  });

  it('but not too long: the upgrade fails, and says what to do', async () => {
    const long: Behaviour = { ...keeping, ballast: 9_000_000 };
    await using supervisor = await SupervisorProcess.serving({ listen, command: nodeService(long) });
    expect(await supervisor.upgrade(nodeService({ ...keeping, version: 'v2' }))).toMatchObject({
      done: 'failed',
      code: 'state',
      message: expect.stringContaining('write it to a file') as string,
    });
    expect(await ask(supervisor, 1, '/')).toMatchObject({ version: 'v1' });
  });

  it('that cannot be saved, or cannot be taken, fails the upgrade; it is the old one’s again', async () => {
    const lost: Behaviour = { memory: 'cannot be saved' };
    await using supervisor = await SupervisorProcess.serving({ listen, command: nodeService(keeping) });
    await ask(supervisor, 1, '/remember');
    const deaf = nodeService({ memory: 'cannot be taken', version: 'v2' });
    expect(await supervisor.upgrade(deaf)).toMatchObject({
      done: 'failed',
      code: 'state',
      message: expect.stringContaining('it makes no sense') as string,
    });
    expect(await ask(supervisor, 1, '/')).toMatchObject({ version: 'v1', remembered: 1, undone: 1 });
    expect(await supervisor.upgrade(nodeService({ ...lost, version: 'v3' }))).toEqual({ done: 'ok' });
    expect(await supervisor.upgrade(nodeService(keeping))).toMatchObject({
      done: 'failed',
      code: 'state',
      message: expect.stringContaining('it has been lost') as string,
    });
    expect(await ask(supervisor, 3, '/')).toMatchObject({ version: 'v3' });
  });

  it('goes from place to place when there are several', async () => {
    await using supervisor = await SupervisorProcess.serving({
      listen,
      workers: 2,
      rolling: true,
      command: nodeService(keeping),
    });
    for (let count = 0; count < 6; count++) await ask(supervisor, 1, '/remember');
    expect(await supervisor.upgrade(nodeService({ ...keeping, version: 'v2' }))).toEqual({ done: 'ok' });
    await supervisor.logged('the old ones leave', ({ message }) => message === 'generation 1 has left');
    // By process, as many as there are: together they know what those before them knew.
    const known = new Map<number, number>();
    while (known.size < 2) {
      const { pid, remembered } = await ask(supervisor, 2, '/');
      known.set(pid, remembered);
    }
    expect([...known.values()].reduce((sum, each) => sum + each)).toBe(6);
  });
});

describe('TLS sessions', () => {
  it('are resumed with every process of every generation', async () => {
    await using supervisor = await SupervisorProcess.serving({
      listen,
      workers: 2,
      command: nodeService({ tls: true }),
    });
    const address = await supervisor.address('http', true);
    const socket = await shakeHands(address, { minVersion: 'TLSv1.3' });
    const fresh = once(socket, 'session');
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    const [session] = (await fresh) as [Buffer];
    socket.destroy();

    const resumedBy = new Set<unknown>();
    const comeBack = async () => {
      const again = await shakeHands(address, { minVersion: 'TLSv1.3', session });
      const connection = Connection.over(again);
      const { body } = await connection.ask({ path: '/' });
      expect(again.isSessionReused()).toBe(true);
      resumedBy.add(JSON.parse(body).pid);
      connection.close();
    };
    while (resumedBy.size < 2) await comeBack();
    expect(await supervisor.upgrade(nodeService({ tls: true, version: 'v2' }))).toEqual({ done: 'ok' });
    await supervisor.logged('the old ones leave', ({ message }) => message === 'generation 1 has left');
    while (resumedBy.size < 4) await comeBack();
  });
});
