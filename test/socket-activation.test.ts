import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@graceful/conformance/client';
import { describe, expect, it } from 'vitest';
import { testFolder } from './src/command-line/place.js';
import type { Caller } from './src/listening/config.js';
import { answer, type Given, ListeningService, throughShell } from './src/listening/service-process.js';

const host = '127.0.0.1';

/** Of iproute2; nothing else tells how long a queue is. */
const hasSs = spawnSync('ss', ['-V']).status === 0;
if (!hasSs) console.warn("skipped: there is no ss(8), of Debian's iproute2, to tell how long a queue is");

/** The length of the queue of whoever listens there, as ss(8) tells it. */
function queueOf(port: number): number {
  const [line = ''] = execFileSync('ss', ['-Hltn', `sport = :${port}`], { encoding: 'utf8' }).split('\n');
  return Number(line.trim().split(/\s+/)[2]);
}

describe('a socket that is passed on as systemd does', () => {
  it.each<Caller>(['core', 'attached', 'fastify', 'express'])(
    'is adopted by its port: %s',
    async (caller) => {
      const port = await freePort();
      const service = ListeningService.start(
        { caller, servers: [{ host, port }] },
        { sockets: [{ host, port, backlog: 77 }], env: { LISTEN_FDNAMES: 'unit.socket' } },
      );
      const { sockets, unclaimed } = await service.said('listening');
      expect(sockets).toMatchObject([{ fd: 3, kind: 'tcp', host, port, keepsPath: true }]);
      expect(unclaimed).toEqual([]);
      expect(await answer({ port })).not.toBe('');
    },
  );

  it.each<Caller>(['core', 'attached'])('is adopted by the name that the code gives: %s', async (caller) => {
    const [port, other] = [await freePort(), await freePort()];
    const service = ListeningService.start(
      { caller, servers: [{ name: 'admin', host, port: other }] },
      {
        sockets: [
          { host, port },
          { host, port: await freePort() },
        ],
        env: { LISTEN_FDNAMES: 'admin:web' },
      },
    );
    const { sockets, unclaimed } = await service.said('listening');
    expect(sockets).toMatchObject([{ name: 'admin', fd: 3, port }]);
    expect(unclaimed).toEqual(['web']);
    expect(await answer({ port })).toBe('admin');
  });

  it('is adopted by a program behind a shell, and by each of two servers, and by the probes', async () => {
    const ports = [await freePort(), await freePort(), await freePort()];
    const service = ListeningService.start(
      {
        servers: [
          { host, port: ports[1] ?? 0, name: 'second' },
          { host, port: ports[0] ?? 0, name: 'first' },
        ],
        probesPort: await freePort(),
      },
      {
        sockets: ports.map((port) => ({ host, port })),
        env: { LISTEN_FDNAMES: 'unknown:unknown:probes' },
      },
      throughShell,
    );
    const { sockets } = await service.said('listening');
    const byName = Object.fromEntries(sockets.map(({ name, port, fd }) => [name, [fd, port]]));
    expect(byName).toEqual({ first: [3, ports[0]], second: [4, ports[1]], probes: [5, ports[2]] });
    expect(await Promise.all(ports.slice(0, 2).map((port) => answer({ port })))).toEqual(['first', 'second']);
  });

  it('is adopted for any free port by the name that a first server gets', async () => {
    const port = await freePort();
    const service = ListeningService.start(
      { servers: [{ host, port: 0 }] },
      { sockets: [{ host, port }], env: { LISTEN_FDNAMES: 'http' } },
    );
    expect((await service.said('listening')).sockets).toMatchObject([{ name: 'http', port }]);
  });

  it('is bound, and does not listen yet: it is adopted by its name', async () => {
    const port = await freePort();
    const service = ListeningService.start(
      { servers: [{ host, port, name: 'web' }] },
      { sockets: [{ host, port, silent: true }], env: { LISTEN_FDNAMES: 'web' } },
    );
    expect((await service.said('listening')).sockets).toMatchObject([{ name: 'web', fd: 3, port }]);
    expect(await answer({ port })).toBe('web');
  });

  it('stands beside others on the same port, of which each gets its own', async () => {
    const port = await freePort();
    const hosts = ['127.0.0.2', '127.0.0.1'];
    const service = ListeningService.start(
      { servers: hosts.toReversed().map((one) => ({ host: one, port, name: one })) },
      { sockets: hosts.map((one) => ({ host: one, port })) },
    );
    const { sockets } = await service.said('listening');
    expect(sockets.map(({ name, host: at, fd }) => [name, at, fd])).toEqual([
      ['127.0.0.1', '127.0.0.1', 4],
      ['127.0.0.2', '127.0.0.2', 3],
    ]);
  });

  it('of one address is adopted for all of them, and one for all is not adopted for one', async () => {
    const port = await freePort();
    const given: Given = { sockets: [{ host, port }] };
    const narrowed = ListeningService.start({ servers: [{ port }] }, given);
    expect((await narrowed.said('listening')).sockets).toMatchObject([{ host, port, fd: 3 }]);
    await narrowed.stop();

    const wide = ListeningService.start(
      { servers: [{ host, port }] },
      { sockets: [{ host: '0.0.0.0', port }] },
    );
    expect(await wide.said('failed')).toMatchObject({ code: 'ERR_GRACEFUL_PORT_IN_USE' });
  });

  it('serves both addresses of localhost that Fastify listens on', async () => {
    const port = await freePort();
    const service = ListeningService.start(
      { caller: 'fastify', servers: [{ port }] },
      {
        sockets: [
          { host: '127.0.0.2', port },
          { host: '127.0.0.1', port },
        ],
      },
    );
    const { sockets, unclaimed } = await service.said('listening');
    expect(unclaimed).toEqual([]);
    expect(new Set(sockets.map(({ host: at }) => at))).toEqual(new Set(['127.0.0.1', '127.0.0.2']));
    expect(await answer({ port })).toBe('fastify');
    expect(await answer({ port, host: '127.0.0.2' })).toBe('fastify');
  });

  it.skipIf(!hasSs)('keeps a longer queue than Node asks for by itself', async () => {
    const port = await freePort();
    const backlog = 2_000;
    const service = ListeningService.start(
      { servers: [{ host, port }] },
      { sockets: [{ host, port, backlog }] },
    );
    await service.said('listening');
    expect(queueOf(port)).toBeGreaterThanOrEqual(backlog);
  });

  it.skipIf(!hasSs)('gets the queue that is asked for', async () => {
    const port = await freePort();
    const service = ListeningService.start(
      { servers: [{ host, port, backlog: 900 }] },
      { sockets: [{ host, port }] },
    );
    await service.said('listening');
    expect(queueOf(port)).toBe(900);
  });

  it.each<Caller>(['core', 'attached', 'fastify', 'express'])(
    'is a Unix socket, whose path stays with whoever gave it: %s',
    async (caller) => {
      const path = join(testFolder(), 'service.sock');
      const service = ListeningService.start({ caller, servers: [{ path }] }, { sockets: [{ path }] });
      const { sockets } = await service.said('listening');
      expect(sockets).toMatchObject([{ fd: 3, kind: 'unix', path, keepsPath: true }]);
      expect(sockets[0]).not.toHaveProperty('ownsPath');
      expect(await answer({ path })).not.toBe('');
      await service.stop();
      expect(lstatSync(path).isSocket()).toBe(true);
    },
  );

  it('is an abstract one', async () => {
    const name = `listening-${process.pid}-${performance.now()}`;
    const service = ListeningService.start(
      { servers: [{ path: `\0${name}` }] },
      { sockets: [{ path: `@${name}` }] },
    );
    expect((await service.said('listening')).sockets).toMatchObject([{ fd: 3, path: `\0${name}` }]);
  });

  it('is nothing to a process that LISTEN_PID does not name', async () => {
    const [port, own] = [await freePort(), await freePort()];
    const service = ListeningService.start(
      { servers: [{ host, port: own, name: 'http' }], starts: true },
      { sockets: [{ host, port }], env: { LISTEN_FDNAMES: 'http', LISTEN_PID: '1' } },
    );
    const { sockets, unclaimed } = await service.said('listening');
    expect(sockets).toMatchObject([{ port: own }]);
    expect(unclaimed).toEqual([]);
    expect((await service.said('child')).environment).toEqual([]);
  });

  it('is told to nobody whom the service starts, nor passed on', async () => {
    const path = join(testFolder(), 'service.sock');
    const port = await freePort();
    const service = ListeningService.start(
      { servers: [{ host, port }, { path }], starts: true },
      { sockets: [{ host, port }, { path }, { host, port: await freePort() }] },
    );
    expect(await service.said('child')).toEqual({ says: 'child', descriptors: [], environment: [] });
  });

  it.each<[string, Given, string]>([
    ['a count that is none', { sockets: [], env: { LISTEN_FDS: 'two' } }, 'LISTEN_FDS to be the number'],
    [
      'another number of names',
      { sockets: [{ host, port: 0 }], env: { LISTEN_FDNAMES: 'a:b' } },
      'got 2 in "a:b"',
    ],
    ['a closed descriptor', { sockets: [{ closed: true }] }, 'descriptor 3'],
    ['a descriptor that is no socket', { sockets: [{ file: true }] }, 'to be a socket, got something else'],
  ])('%s is an error at the start', async (_what, given, message) => {
    const service = ListeningService.start({ servers: [{ host, port: 0 }] }, given);
    const failed = await service.said('failed');
    expect(failed).toMatchObject({ code: 'ERR_GRACEFUL_INHERITED' });
    expect(failed.message).toContain(message);
  });

  it('of datagrams is left alone, and named for a server, an error', async () => {
    const path = join(testFolder(), 'log.sock');
    const given: Given = { sockets: [{ path, datagram: true }], env: { LISTEN_FDNAMES: 'log' } };
    const beside = ListeningService.start({ servers: [{ host, port: 0 }] }, given);
    expect((await beside.said('listening')).unclaimed).toEqual(['log']);
    await beside.stop();
    rmSync(path);
    const taken = ListeningService.start({ servers: [{ host, port: 0, name: 'log' }] }, given);
    expect(await taken.said('failed')).toMatchObject({
      code: 'ERR_GRACEFUL_LISTEN',
      message: expect.stringContaining('inherited as "log"'),
    });
  });
});
