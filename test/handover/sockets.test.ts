import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { Connection, freePort, Ledger } from '@graceful/conformance/client';
import { type Family, testNode, withFamily } from '../src/handover/family.js';

async function upgraded(family: Family, generation = 2, pid = family.pid): Promise<number> {
  expect(await family.tell({ do: 'upgrade' }, pid)).toMatchObject({ result: 'success', generation });
  await family.gone(pid);
  return (await family.until('ready', { generation })).pid;
}

describe.concurrent('sockets over an upgrade', () => {
  it('are the same ones: by name, two for any port, IPv4 and IPv6, TCP and Unix', () =>
    withFamily(
      (folder) => ({
        listeners: [
          { name: 'one', port: 0, host: '127.0.0.1' },
          { name: 'two', port: 0, host: '127.0.0.1' },
          { name: 'six', port: 0, host: '::1' },
          { name: 'admin', path: `${folder}/admin.sock` },
          { name: 'nowhere', path: `\0graceful-${process.pid}` },
        ],
        // Another order, as a new version may have.
        generations: {
          2: {
            listeners: [
              { name: 'nowhere', path: `\0graceful-${process.pid}` },
              { name: 'two', port: 0, host: '127.0.0.1' },
              { name: 'admin', path: `${folder}/admin.sock` },
              { name: 'six', port: 0, host: '::1' },
              { name: 'one', port: 0, host: '127.0.0.1' },
            ],
          },
        },
      }),
      async (family) => {
        const names = ['one', 'two', 'six', 'admin', 'nowhere'];
        const before = names.map((name) => family.address(name));
        const inode = statSync(family.path('admin.sock')).ino;
        const pid = await upgraded(family);
        expect(names.map((name) => family.address(name))).toEqual(before);
        expect(statSync(family.path('admin.sock')).ino).toBe(inode);
        // libuv of Node 20 and of later ones name an abstract socket differently: only the same Node finds it.
        const reachable = testNode === process.execPath ? before : before.slice(0, -1);
        for (const address of reachable) {
          const where =
            address.port === before[2]?.port && address.port !== 0 ? { ...address, host: '::1' } : address;
          expect(await family.ask('/', where)).toMatchObject({ pid, generation: 2 });
        }
        expect(readdirSync(family.folder)).toEqual(['admin.sock']);
      },
    ));

  it('of Unix stay reachable through several upgrades, and are removed by the last one', () =>
    withFamily(
      (folder) => ({ listeners: [{ name: 'admin', path: `${folder}/admin.sock` }] }),
      async (family) => {
        let pid = await upgraded(family);
        expect((await family.ask('/', family.address('admin'))).pid).toBe(pid);
        pid = await upgraded(family, 3, pid);
        expect((await family.ask('/', family.address('admin'))).pid).toBe(pid);
        family.signal('SIGTERM', pid);
        await family.diedOut();
        expect(existsSync(family.path('admin.sock'))).toBe(false);
      },
    ));

  it.each([
    'is killed when it is ready',
    'is told to stop when it is ready',
    'exits with 0 when it is ready',
    'exits when it listens',
  ] as const)('of Unix are the old one’s again when the new one %s', (starting) =>
    withFamily(
      (folder) => ({
        listeners: [{ name: 'admin', path: `${folder}/admin.sock` }],
        generations: { 2: { starting } },
        options: { overlapMs: 5_000 },
      }),
      async (family) => {
        expect(await family.tell({ do: 'upgrade' })).toMatchObject({ result: 'failed' });
        expect((await family.ask('/', family.address('admin'))).pid).toBe(family.pid);
      },
    ),
  );

  it('that the new version drops are closed, and those that it adds are opened', () =>
    withFamily(
      (folder) => ({
        listeners: [
          { name: 'http', port: 0 },
          { name: 'old', port: 0 },
          { name: 'admin', path: `${folder}/old.sock` },
        ],
        generations: {
          2: {
            listeners: [
              { name: 'http', port: 0 },
              { name: 'new', path: `${folder}/new.sock` },
            ],
          },
        },
      }),
      async (family) => {
        const [http, old] = [family.address('http'), family.address('old')];
        const pid = await upgraded(family);
        expect(family.address('http')).toEqual(http);
        expect((await family.ask('/', family.address('new'))).pid).toBe(pid);
        const ledger = new Ledger();
        await expect(ledger.connect(old)).rejects.toThrow('ECONNREFUSED');
        expect(readdirSync(family.folder)).toEqual(['new.sock']);
      },
    ));

  it('that the new version drops are the old one’s as before when it fails', () =>
    withFamily(
      (folder) => ({
        listeners: [
          { name: 'http', port: 0 },
          { name: 'admin', path: `${folder}/old.sock` },
        ],
        generations: {
          2: { listeners: [{ name: 'http', port: 0 }], starting: 'is killed when it is ready' },
        },
        options: { overlapMs: 5_000 },
      }),
      async (family) => {
        expect(await family.tell({ do: 'upgrade' })).toMatchObject({ result: 'failed' });
        expect((await family.ask('/', family.address('admin'))).pid).toBe(family.pid);
      },
    ));

  it('keep the length of their queue', () =>
    withFamily({ listeners: [{ name: 'http', port: 0, host: '127.0.0.1', backlog: 37 }] }, async (family) => {
      expect(queueOf(family.address().port)).toBe(37);
      await upgraded(family);
      expect(queueOf(family.address().port)).toBe(37);
    }));

  it('of the probes are handed on as well: a fixed port is never in use by the one before', async () => {
    const probePort = await freePort();
    await withFamily({ probePort }, async (family) => {
      await upgraded(family);
      const connection = await Connection.open({ host: '127.0.0.1', port: probePort, tls: false });
      expect((await connection.ask({ path: '/readyz', probe: true })).status).toBe(200);
      connection.destroy();
    });
  });

  it('do not block a process that shares them with one that is stopped in the middle of accepting', () =>
    withFamily(
      { generations: { 2: { halt: 'ready' } }, options: { overlapMs: 60_000, terminateMs: 200 } },
      async (family) => {
        family.signal('SIGUSR2');
        const { pid } = await family.until('halted');
        // Each of these may wake either; the stopped one must take none of them from the other.
        for (let turn = 0; turn < 20; turn++) expect((await family.ask()).pid).toBe(family.pid);
        expect(doesNotBlock(pid, 3)).toBe(true);
        family.signal('SIGKILL', pid);
        await family.outcome(2);
      },
    ));
});

describe.concurrent('sessions of TLS', () => {
  it.each([
    ['TLS 1.2', { maxVersion: 'TLSv1.2' }],
    ['TLS 1.3', { minVersion: 'TLSv1.3' }],
  ] as const)('are resumed by the next generation, and by the one after: %s', (_name, options) =>
    withFamily({ listeners: [{ name: 'https', port: 0, protocol: 'https' }] }, async (family) => {
      const { port } = family.address('https');
      const first = await visit(port, options);
      expect(first.resumed).toBe(false);
      let pid = await upgraded(family);
      const second = await visit(port, { ...options, session: first.session });
      expect(second).toMatchObject({ resumed: true, pid });
      pid = await upgraded(family, 3, pid);
      expect(await visit(port, { ...options, session: first.session })).toMatchObject({ resumed: true, pid });
    }),
  );

  it('over HTTP/2, too', () =>
    withFamily({ listeners: [{ name: 'h2', port: 0, protocol: 'http2' }] }, async (family) => {
      const { port } = family.address('h2');
      const first = await visit(port, {});
      const pid = await upgraded(family);
      expect(await visit(port, { session: first.session })).toMatchObject({ resumed: true, pid });
    }));
});

/** Come, ask, take a session along, and go. */
async function visit(
  port: number,
  options: ConnectionOptions,
): Promise<{ resumed: boolean; session: Buffer; pid: number }> {
  const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  // TLS 1.3 sends a ticket only after the handshake.
  const ticket = once(socket, 'session').then(([session]) => session as Buffer);
  await once(socket, 'secureConnect');
  const resumed = socket.isSessionReused();
  const connection = Connection.over(socket);
  const { pid } = JSON.parse((await connection.ask({ path: '/' })).body) as { pid: number };
  const session = resumed ? Buffer.alloc(0) : await ticket;
  connection.destroy();
  return { resumed, session, pid };
}

/** Of a listening socket, as ss(8) tells it in Send-Q. */
function queueOf(port: number): number {
  const [line = ''] = execFileSync('ss', ['-Hltn', `sport = :${port}`], { encoding: 'utf8' }).split('\n');
  return Number(line.split(/\s+/)[2]);
}

/** proc(5): the flags of an open file are octal. */
function doesNotBlock(pid: number, fd: number): boolean {
  const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))?.[1] ?? '';
  return (Number.parseInt(flags, 8) & constants.O_NONBLOCK) !== 0;
}
