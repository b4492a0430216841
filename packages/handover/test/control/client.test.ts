import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ControlClient, ControlServer, type Progress, type ProgressEvent } from '../../src/control.js';
import { testFolder } from './support/folder.js';
import { openControl } from './support/open.js';
import { TestTarget } from './support/target.js';

const root = process.geteuid?.() === 0;

/** Something else that listens where a supervisor is looked for. */
async function somethingElse(onConnection: (socket: Socket) => void): Promise<string> {
  const path = join(testFolder(), 'else.sock');
  const server: Server = createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
  return path;
}

async function all(progress: Progress): Promise<ProgressEvent[]> {
  const events: ProgressEvent[] = [];
  for await (const event of progress.events) events.push(event);
  return events;
}

describe('a control client', () => {
  it('asks how things are', async () => {
    const { path, target } = await openControl();
    expect(await new ControlClient({ path }).status()).toEqual(target.status());
  });

  it.each(['upgrade', 'rollback', 'drain', 'stop'] as const)('follows "%s" to its end', async (what) => {
    const { path, target } = await openControl();
    const progress = new ControlClient({ path })[what]();
    const asked = await target.request();
    asked.progress.tell({ event: 'stage', stage: 'spawn', generation: 2 });
    asked.progress.tell({ event: 'note', text: 'ünïcode, and 𝄞' });
    asked.progress.settle({ done: 'failed', code: 'timeout', message: 'not ready in time' });
    expect(asked.what).toBe(what);
    expect(await progress.done).toEqual({ done: 'failed', code: 'timeout', message: 'not ready in time' });
    expect(await all(progress)).toEqual([
      { event: 'stage', stage: 'spawn', generation: 2 },
      { event: 'note', text: 'ünïcode, and 𝄞' },
    ]);
  });

  it('says what the next generation is to run', async () => {
    const { path, target } = await openControl();
    const request = { command: ['node', 'next.js'], cwd: '/srv/next' };
    const progress = new ControlClient({ path }).upgrade(request);
    const asked = await target.request();
    asked.progress.settle({ done: 'ok' });
    expect(asked.request).toEqual(request);
    expect(await progress.done).toEqual({ done: 'ok' });
  });

  it('sees the refusal of a command that is too long to be sent', async () => {
    const { path } = await openControl();
    const progress = new ControlClient({ path }).upgrade({ command: ['node', 'x'.repeat(1_000_000)] });
    expect(await progress.done).toMatchObject({ done: 'refused', code: 'oversized' });
  });

  it('says that nobody is there', async () => {
    const path = join(testFolder(), 'graceful', 'orders.sock');
    await expect(new ControlClient({ path }).status()).rejects.toMatchObject({
      code: 'ERR_HANDOVER_CONTROL_NOBODY',
      message: expect.stringContaining(`Expected a supervisor at ${path}, got nobody (ENOENT).`),
    });
    const progress = new ControlClient({ path }).upgrade();
    expect(await all(progress)).toEqual([]);
    await expect(progress.done).rejects.toMatchObject({ code: 'ERR_HANDOVER_CONTROL_NOBODY' });
  });

  it.each([
    ['ends at once', (socket: Socket) => socket.end(), 'ERR_HANDOVER_CONTROL_LOST'],
    ['resets the connection', (socket: Socket) => socket.destroy(), 'ERR_HANDOVER_CONTROL_LOST'],
    [
      'dies in the middle of a line',
      (socket: Socket) => socket.end('{"event":"stage","stage":"spawn"}\n{"done":"ok"'),
      'ERR_HANDOVER_CONTROL_LOST',
    ],
    [
      'speaks something else',
      (socket: Socket) => socket.end('220 mail.example ESMTP\r\n'),
      'ERR_HANDOVER_CONTROL_ANSWER',
    ],
    ['speaks other JSON', (socket: Socket) => socket.end('{"ok":true}\n'), 'ERR_HANDOVER_CONTROL_ANSWER'],
    [
      'never ends a line',
      (socket: Socket) => socket.write('x'.repeat(5_000_000)),
      'ERR_HANDOVER_CONTROL_ANSWER',
    ],
  ])('says so where what answers %s', async (_, answer, code) => {
    const path = await somethingElse((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => answer(socket));
    });
    const progress = new ControlClient({ path }).upgrade();
    await expect(progress.done).rejects.toMatchObject({ code });
    await all(progress);
  });
});

describe('a supervisor that hangs', () => {
  it('is not waited for by whoever only wants to know how it is', async () => {
    const path = await somethingElse((socket) => socket.on('error', () => {}).resume());
    await expect(new ControlClient({ path }, { statusMs: 30 }).status()).rejects.toMatchObject({
      code: 'ERR_HANDOVER_CONTROL_LOST',
      message: expect.stringContaining('Expected the supervisor to answer within 30 ms, got nothing'),
    });
  });

  it('is not waited for in a unit that nobody meant', () => {
    for (const statusMs of [-1, Number.NaN, Infinity, '5s' as never]) {
      expect(() => new ControlClient({}, { statusMs })).toThrow(/^ERR_HANDOVER_OPTION: Expected `statusMs`/);
    }
  });
});

describe('a supervisor is found by its name', () => {
  function runtimeFolder(): string {
    const folder = testFolder();
    const before = process.env['XDG_RUNTIME_DIR'];
    process.env['XDG_RUNTIME_DIR'] = folder;
    onTestFinished(() => {
      if (before === undefined) delete process.env['XDG_RUNTIME_DIR'];
      else process.env['XDG_RUNTIME_DIR'] = before;
    });
    return folder;
  }

  it('in the place where it goes first', async () => {
    const folder = runtimeFolder();
    await openControl({ path: join(folder, 'graceful', 'test-orders.sock') });
    expect(await new ControlClient({ name: 'test-orders' }).status()).toMatchObject({ name: 'orders' });
  });

  it('says all the places where it is not', async () => {
    const folder = runtimeFolder();
    const { message } = (await new ControlClient({ name: 'test-nobody' })
      .status()
      .catch((error: Error) => error)) as Error;
    expect(message).toContain(join(folder, 'graceful', 'test-nobody.sock'));
    expect(message).toMatch(/ or \/.*test-nobody\.sock, got nobody/);
  });

  it('but not in a folder where others may put a socket of theirs', async () => {
    const folder = join(runtimeFolder(), 'graceful');
    const server = await ControlServer.open(new TestTarget(), { path: join(folder, 'test-orders.sock') });
    onTestFinished(() => server.close());
    chmodSync(folder, 0o777);
    await expect(new ControlClient({ name: 'test-orders' }).status()).rejects.toMatchObject({
      code: 'ERR_HANDOVER_CONTROL_UNSAFE',
    });
  });

  it.runIf(root)('nor in one that belongs to another', async () => {
    const folder = join(runtimeFolder(), 'graceful');
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, 65_534, 65_534);
    await expect(new ControlClient({ name: 'test-orders' }).status()).rejects.toMatchObject({
      code: 'ERR_HANDOVER_CONTROL_UNSAFE',
    });
  });
});
