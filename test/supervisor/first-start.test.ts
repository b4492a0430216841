import { createServer } from 'node:net';
import { once } from 'node:events';
import { lstatSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { freePort } from '@graceful/conformance/client';
import { SocketFolder } from '../src/listeners/addresses.js';
import { nodeService, rawChild } from '../src/supervisor/behaviour.js';
import { SupervisorProcess } from '../src/supervisor/supervisor-process.js';

const listen = [{ name: 'http', port: 0, host: '127.0.0.1' }];

describe('a service that cannot be started', () => {
  it.each([
    { name: 'is missing', command: ['/nowhere/server'], code: 127, says: '/nowhere/server does not exist' },
    {
      name: 'exits with 3',
      command: nodeService({ goes: { at: 'start', code: 3 } }),
      code: 3,
      says: 'it exited with code 3',
    },
    {
      name: 'exits with 0',
      command: nodeService({ goes: { at: 'start', code: 0 } }),
      code: 1,
      says: 'it exited with code 0',
    },
    {
      name: 'is killed',
      command: nodeService({ goes: { at: 'start', signal: 'SIGABRT' } }),
      code: 128 + 6,
      says: 'it exited by SIGABRT',
    },
    { name: 'is never ready', command: rawChild([]), code: 1, says: 'its time is up' },
    { name: 'talks garbage', command: rawChild([{ bytes: '{]\n' }]), code: 1, says: 'it broke the protocol' },
  ])('because it $name ends the supervisor with $code', async ({ command, code, says }) => {
    await using supervisor = new SupervisorProcess({
      listen,
      workers: 2,
      command,
      readyMs: 2_000,
      terminateMs: 300,
    });
    expect(await supervisor.started).toMatchObject({
      done: 'failed',
      message: expect.stringContaining(says) as string,
    });
    expect(await supervisor.exit()).toEqual({ code, signal: null });
    expect(supervisor.output).toContain(`the service cannot be started: `);
    await supervisor.nothingLeft();
  });

  it('because its port is taken ends the supervisor, which says so', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    await using supervisor = new SupervisorProcess({
      listen: [{ name: 'http', port, host: '127.0.0.1' }],
      command: nodeService(),
    });
    expect(await supervisor.exit()).toEqual({ code: 1, signal: null });
    expect(supervisor.output).toContain('EADDRINUSE');
    expect(supervisor.output).toContain('choose another address');
    other.close();
  });

  it('because somebody serves on its Unix path leaves that where it is', async () => {
    using folder = new SocketFolder();
    const path = folder.path();
    const other = createServer().listen(path);
    await once(other, 'listening');
    const { ino } = lstatSync(path);
    await using supervisor = new SupervisorProcess({
      listen: [{ name: 'unix', path }],
      command: nodeService({ path }),
    });
    expect(await supervisor.exit()).toEqual({ code: 1, signal: null });
    expect(supervisor.output).toContain('another process');
    expect(lstatSync(path).ino).toBe(ino);
    other.close();
  });

  it('and is told to stop meanwhile, ends', async () => {
    await using supervisor = new SupervisorProcess({
      listen,
      command: rawChild([{ hello: {} }]),
    });
    await supervisor.reached(1, 'hello');
    supervisor.signal('SIGTERM');
    expect(await supervisor.started).toMatchObject({ done: 'failed', code: 'aborted' });
    expect(await supervisor.exit()).toEqual({ code: 128 + 15, signal: null });
    await supervisor.nothingLeft();
  });
});
