import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ControlClient, ControlServer } from '../../src/control.js';
import { testFolder } from './support/folder.js';
import { openControl } from './support/open.js';
import { RawClient } from './support/raw-client.js';
import { TestTarget } from './support/target.js';

const root = process.geteuid?.() === 0;
const nobody = 65_534;

if (!root)
  console.warn('NOT RUN: what another user may do at a control socket. Only root can try that here.');

/** The error that opening fails with. */
async function refusedAt(path: string): Promise<Error & { code?: string }> {
  const outcome = await ControlServer.open(new TestTarget(), { path }).catch((error: Error) => error);
  if (outcome instanceof Error) return outcome;
  await outcome.close();
  throw new Error('it was opened');
}

/** A socket file whose process was killed before it could take it away. */
async function leaveStale(path: string): Promise<void> {
  const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('listens'))`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(statSync(path).isSocket()).toBe(true);
}

function mode(path: string): string {
  return (statSync(path).mode & 0o7777).toString(8);
}

describe('the socket file', () => {
  it('is for our user alone, and so is the folder that is made for it, whatever the umask', async () => {
    const umask = process.umask(0);
    onTestFinished(() => void process.umask(umask));
    const folder = join(testFolder(), 'graceful');
    const { path } = await openControl({ path: join(folder, 'orders.sock') });
    expect([mode(folder), mode(path)]).toEqual(['700', '600']);
    expect(process.umask()).toBe(0);
    expect(readdirSync(folder)).toEqual(['orders.sock']);
  });

  it('goes when the server closes, with everything beside it', async () => {
    const folder = testFolder();
    const { server } = await openControl({ path: join(folder, 'orders.sock') });
    await server.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is replaced where the one before was killed', async () => {
    const path = join(testFolder(), 'orders.sock');
    await leaveStale(path);
    await openControl({ path });
    expect(await new ControlClient({ path }).status()).toMatchObject({ name: 'orders' });
    expect(mode(path)).toBe('600');
  });

  it('is left alone where somebody answers', async () => {
    const { path, target } = await openControl();
    expect(await refusedAt(path)).toMatchObject({
      code: 'ERR_HANDOVER_CONTROL_TAKEN',
      message: expect.stringContaining(`got a process that answers at ${path}`),
    });
    const answer = RawClient.ask(path, '{"v":1,"do":"drain"}\n');
    (await target.request()).progress.settle({ done: 'ok' });
    expect(await answer).toEqual([{ done: 'ok' }]);
  });

  it('is had by one of several that start at once, be there a stale one or none', async () => {
    for (const stale of [false, true]) {
      const path = join(testFolder(), 'orders.sock');
      if (stale) await leaveStale(path);
      const opened = await Promise.allSettled(
        Array.from({ length: 8 }, () => ControlServer.open(new TestTarget(), { path })),
      );
      const winners = opened.filter((result) => result.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      for (const result of opened) {
        if (result.status === 'rejected')
          expect(result.reason).toMatchObject({ code: 'ERR_HANDOVER_CONTROL_TAKEN' });
      }
      expect(await new ControlClient({ path }).status()).toMatchObject({ name: 'orders' });
      await Promise.all(winners.map(({ value }) => value.close()));
    }
  });

  it('of one that came after us is not taken away with us', async () => {
    const path = join(testFolder(), 'orders.sock');
    const { server: first } = await openControl({ path });
    rmSync(path);
    await openControl({ path });
    await first.close();
    expect(await new ControlClient({ path }).status()).toMatchObject({ name: 'orders' });
  });

  it.each([
    ['a file', (path: string) => writeFileSync(path, 'precious')],
    ['a folder', (path: string) => mkdirSync(path)],
    ['a symlink that leads nowhere', (path: string) => symlinkSync('/nowhere', path)],
  ])('is not made where there is %s', async (_, make) => {
    const folder = testFolder();
    const path = join(folder, 'orders.sock');
    make(path);
    expect(await refusedAt(path)).toMatchObject({
      code: 'ERR_HANDOVER_CONTROL_TAKEN',
      message: `ERR_HANDOVER_CONTROL_TAKEN: Expected the control socket to be free, got a file that is no socket at ${path}. Take it away, or give another path with --control.`,
    });
    expect(readdirSync(folder)).toEqual(['orders.sock']);
  });

  it('cannot have a path longer than the system allows, and says so', async () => {
    const path = join(testFolder(), `${'x'.repeat(100)}.sock`);
    const error = await refusedAt(path);
    expect(error.message).toMatch(
      /^ERR_HANDOVER_OPTION: Expected the path of the control socket to have at most 107 bytes \(unix\(7\)\), got \d+/,
    );
  });
});

describe('the folder of the socket', () => {
  it('is not made below one that does not exist', async () => {
    const folder = join(testFolder(), 'not-here', 'graceful');
    expect(await refusedAt(join(folder, 'orders.sock'))).toMatchObject({
      code: 'ERR_HANDOVER_CONTROL_LISTEN',
      message: expect.stringContaining(
        `Expected to make the folder ${folder} for the control socket, got ENOENT`,
      ),
    });
  });

  it.each([
    ['everybody', 0o777, 'everybody'],
    ['everybody, with the sticky bit', 0o1777, 'everybody'],
    ['its group', 0o770, `group ${process.getegid?.()}`],
  ])('is refused if %s may write there', async (_, bits, who) => {
    const folder = testFolder();
    chmodSync(folder, bits);
    const error = await refusedAt(join(folder, 'orders.sock'));
    expect(error).toMatchObject({ code: 'ERR_HANDOVER_CONTROL_UNSAFE' });
    expect(error.message).toContain(`, which lets ${who} write`);
    expect(error.message).toContain(`--control ${folder}/graceful/control.sock`);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('may be read by others: the socket is closed to them all the same', async () => {
    const folder = testFolder();
    chmodSync(folder, 0o755);
    await openControl({ path: join(folder, 'orders.sock') });
  });

  it('is refused if it is no folder', async () => {
    const path = join(testFolder(), 'file');
    writeFileSync(path, 'precious');
    expect(await refusedAt(join(path, 'orders.sock'))).toMatchObject({ code: 'ERR_HANDOVER_CONTROL_UNSAFE' });
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  it('is found through a symlink of ours', async () => {
    const folder = testFolder();
    mkdirSync(join(folder, 'real'), { mode: 0o700 });
    symlinkSync('real', join(folder, 'link'));
    const { path } = await openControl({ path: join(folder, 'link', 'orders.sock') });
    expect(await new ControlClient({ path }).status()).toMatchObject({ name: 'orders' });
  });
});

describe.runIf(root)('another user', () => {
  it('does not get the supervisor into a folder of theirs', async () => {
    const folder = testFolder();
    chownSync(folder, nobody, nobody);
    expect(await refusedAt(join(folder, 'orders.sock'))).toMatchObject({
      code: 'ERR_HANDOVER_CONTROL_UNSAFE',
      message: expect.stringContaining(`got one of user ${nobody}`),
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not get it there by a symlink either', async () => {
    const folder = testFolder();
    mkdirSync(join(folder, 'ours'), { mode: 0o700 });
    symlinkSync('ours', join(folder, 'link'));
    lchownSync(join(folder, 'link'), nobody, nobody);
    expect(await refusedAt(join(folder, 'link', 'orders.sock'))).toMatchObject({
      code: 'ERR_HANDOVER_CONTROL_UNSAFE',
    });
  });

  it('cannot connect, even where the folder lets them in', async () => {
    const folder = testFolder();
    const { path } = await openControl({ path: join(folder, 'orders.sock') });
    chmodSync(folder, 0o755);
    expect(await connectAs(nobody, path)).toBe('EACCES');
    expect(await connectAs(0, path)).toBe('connected');
  });
});

/** What becomes of a connection that user `uid` opens. */
async function connectAs(uid: number, path: string): Promise<string> {
  const program = `require('net').connect(${JSON.stringify(path)})
    .once('connect', () => { console.log('connected'); process.exit() })
    .once('error', (error) => console.log(error.code))`;
  const child = spawn(process.execPath, ['-e', program], {
    uid,
    gid: uid,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(child, 'close');
  return said.trim();
}
