import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { Connection, freePort } from '@graceful/conformance/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { testFolder } from './src/command-line/place.js';
import type { Caller } from './src/listening/config.js';
import { answer, ListeningService } from './src/listening/service-process.js';

const callers: readonly Caller[] = ['core', 'attached', 'fastify'];

/**
 * What takes the privileges of root from a program, so that modes count for it
 * as for anybody; `undefined` where that cannot be. Another user would not do:
 * it may not be able to read the program.
 */
const unprivileged = ((): readonly string[] | undefined => {
  if (process.geteuid?.() !== 0) return [];
  const words = ['setpriv', '--bounding-set=-all', '--inh-caps=-all'];
  return spawnSync('setpriv', [...words.slice(1), 'true']).status === 0 ? words : undefined;
})();

/** A path that nobody has used. */
function newPath(): string {
  return join(testFolder(), 'service.sock');
}

describe.each(callers)('the path of a Unix socket: %s', (caller) => {
  it('is there while it listens, alone in its folder, and gone after a clean stop', async () => {
    const path = newPath();
    const service = ListeningService.start({ caller, servers: [{ path }] });
    const { sockets } = await service.said('listening');
    expect(sockets).toMatchObject([{ kind: 'unix', path, keepsPath: true, ownsPath: true }]);
    expect(readdirSync(dirname(path))).toEqual(['service.sock']);
    expect(await answer({ path })).toBe(caller);
    expect(await service.stop()).toBe(0);
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  it('that a killed process left behind is replaced', async () => {
    const path = newPath();
    const killed = ListeningService.start({ caller, servers: [{ path }] });
    await killed.said('listening');
    await killed.stop('SIGKILL');
    expect(lstatSync(path).isSocket()).toBe(true);
    const next = ListeningService.start({ caller, servers: [{ path }] });
    await next.said('listening');
    expect(await answer({ path })).toBe(caller);
    await next.stop();
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  it('on which somebody listens is never taken', async () => {
    const path = newPath();
    const first = ListeningService.start({ caller, servers: [{ path }] });
    await first.said('listening');
    const second = ListeningService.start({ caller, servers: [{ path }] });
    const { code, name } = await second.said('failed');
    expect([name, code]).toEqual(
      caller === 'core' ? ['GracefulError', 'ERR_GRACEFUL_PORT_IN_USE'] : ['Error', 'EADDRINUSE'],
    );
    await second.program.ended();
    expect(await answer({ path })).toBe(caller);
    expect(readdirSync(dirname(path))).toEqual(['service.sock']);
  });
});

describe('the path of a Unix socket', () => {
  it('is gone after a stop by force', async () => {
    const path = newPath();
    const service = ListeningService.start({ servers: [{ path }], requestsMs: 0 });
    await service.said('listening');
    const connection = await Connection.open({ host: '', port: 0, tls: false, path });
    connection.send({ path: '/held', doomed: true });
    await service.said('held');
    expect(await service.stop()).toBe(1);
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  it('of a file of another kind is left alone', async () => {
    const path = newPath();
    writeFileSync(path, 'precious');
    const service = ListeningService.start({ servers: [{ path }] });
    expect(await service.said('failed')).toMatchObject({ code: 'ERR_GRACEFUL_LISTEN' });
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  it('of a link is left alone, wherever it leads', async () => {
    const path = newPath();
    symlinkSync(join(dirname(path), 'nowhere'), path);
    const service = ListeningService.start({ servers: [{ path }] });
    expect(await service.said('failed')).toMatchObject({ code: 'ERR_GRACEFUL_LISTEN' });
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
  });

  it('that another has replaced meanwhile stays when this one stops', async () => {
    const path = newPath();
    const service = ListeningService.start({ servers: [{ path }] });
    await service.said('listening');
    rmSync(path);
    const other = createServer().listen(path);
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    await service.stop();
    expect(lstatSync(path).isSocket()).toBe(true);
  });

  it('belongs to each of two servers', async () => {
    const folder = testFolder();
    const [one, other] = [join(folder, 'one.sock'), join(folder, 'other.sock')];
    const service = ListeningService.start({
      servers: [
        { path: one, name: 'one' },
        { path: other, name: 'other' },
      ],
    });
    await service.said('listening');
    expect([await answer({ path: one }), await answer({ path: other })]).toEqual(['one', 'other']);
    await service.stop();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is found by two servers of one process to be taken', async () => {
    const path = newPath();
    const service = ListeningService.start({ servers: [{ path }, { path }] });
    expect(await service.said('failed')).toMatchObject({ code: 'ERR_GRACEFUL_PORT_IN_USE' });
    await service.program.ended();
    expect(existsSync(path)).toBe(false);
  });

  it('is as short as the caller wrote it, and removed from where it was', async () => {
    const folder = testFolder();
    mkdirSync(join(folder, 'elsewhere'));
    const service = ListeningService.start(
      { servers: [{ path: 'service.sock' }], moves: join(folder, 'elsewhere') },
      undefined,
      ['/bin/sh', '-c', `cd "${folder}" && exec "$@"`, 'sh'],
    );
    expect((await service.said('listening')).sockets).toMatchObject([{ path: 'service.sock' }]);
    expect(await answer({ path: join(folder, 'service.sock') })).toBe('core');
    await service.stop();
    expect(readdirSync(folder)).toEqual(['elsewhere']);
  });

  it('may be nearly as long as the system allows, and no longer', async () => {
    const folder = testFolder();
    const pathOf = (bytes: number) => join(folder, 'x'.repeat(bytes - folder.length - 1));
    const long = ListeningService.start({ servers: [{ path: pathOf(107) }] });
    await long.said('listening');
    expect(await answer({ path: pathOf(107) })).toBe('core');
    const tooLong = ListeningService.start({ servers: [{ path: pathOf(108) }] });
    expect(await tooLong.said('failed')).toMatchObject({
      code: 'ERR_GRACEFUL_LISTEN',
      message: expect.stringContaining('got 108'),
    });
  });

  it('has the mode that the umask leaves', async () => {
    const path = newPath();
    const service = ListeningService.start({ servers: [{ path }], umask: 0o027 });
    await service.said('listening');
    expect(lstatSync(path).mode & 0o777).toBe(0o750);
  });

  it('is readable and writable for all where Node is asked for that', async () => {
    const path = newPath();
    const service = ListeningService.start({
      caller: 'attached',
      umask: 0o077,
      servers: [{ path, readableAll: true, writableAll: true }],
    });
    await service.said('listening');
    expect(lstatSync(path).mode & 0o666).toBe(0o666);
  });

  it.skipIf(unprivileged === undefined)('in a folder that one may not write in is an error', async () => {
    const path = newPath();
    chmodSync(dirname(path), 0o555);
    const service = ListeningService.start({ servers: [{ path }] }, undefined, unprivileged);
    expect(await service.said('failed')).toMatchObject({
      code: 'ERR_GRACEFUL_LISTEN',
      message: expect.stringContaining('EACCES'),
    });
  });

  it.skipIf(unprivileged === undefined)('of a socket that may not be asked is left alone', async () => {
    const path = newPath();
    const other = createServer().listen(path);
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    chmodSync(path, 0);
    const service = ListeningService.start({ servers: [{ path }] }, undefined, unprivileged);
    expect(await service.said('failed')).toMatchObject({
      code: 'ERR_GRACEFUL_LISTEN',
      message: expect.stringContaining('cannot be asked'),
    });
    expect(lstatSync(path).isSocket()).toBe(true);
  });

  it('is no file where the name is abstract', async () => {
    const path = `\0unix-paths-${process.pid}`;
    const service = ListeningService.start({ servers: [{ path }] });
    const { sockets } = await service.said('listening');
    expect(sockets).toMatchObject([{ kind: 'unix', path, keepsPath: true }]);
    expect(sockets[0]).not.toHaveProperty('ownsPath');
  });

  it('is left to Node in the workers of a cluster, which share it', async () => {
    const path = newPath();
    const service = ListeningService.start({ servers: [{ path }], workers: 2 });
    const { sockets } = await service.said('listening');
    expect(sockets).toEqual([]);
    await service.said('shared');
    expect(await answer({ path })).toBe('core');
    await service.stop();
    expect(existsSync(path)).toBe(false);
  });
});

describe('reusePort', () => {
  const node = process.env['GRACEFUL_TEST_NODE'] ?? process.execPath;
  const version = execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' });
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const has = major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);

  it('lets two listen on one port, where Node can, and is refused where it cannot', async () => {
    const servers = [{ host: '127.0.0.1', port: await freePort(), reusePort: true }];
    const first = ListeningService.start({ servers });
    if (!has) {
      expect(await first.said('failed')).toMatchObject({
        code: 'ERR_GRACEFUL_OPTION',
        message: expect.stringContaining('23.1'),
      });
      return;
    }
    await first.said('listening');
    await ListeningService.start({ servers }).said('listening');
  });
});
