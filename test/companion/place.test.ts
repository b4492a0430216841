import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CompanionProcess, PodFolder } from '../src/companion/companion-process.js';

/** Nobody, on every Linux. */
const otherUser = 65_534;
const isRoot = process.geteuid?.() === 0;
const asOther = (program: string) =>
  spawnSync(process.execPath, ['-e', program], {
    uid: otherUser,
    gid: otherUser,
    cwd: '/',
    encoding: 'utf8',
  });
const canBeOther = isRoot && asOther('').status === 0;

if (!canBeOther) {
  console.warn(
    'NOT RUN: a second user at the control socket. It takes root, and a Node that everybody may start.',
  );
}

/** What becomes of another user who connects. */
function connectAsOther(path: string): string {
  const program = `require('node:net').connect(${JSON.stringify(path)})
    .on('connect', function () { console.log('connected'); this.destroy(); })
    .on('error', (error) => console.log(error.code));`;
  return asOther(program).stdout.trim();
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe.concurrent('the control socket', () => {
  it('is for its user and group, in a folder that is, and goes with the companion', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    expect([modeOf(folder.socket), modeOf(dirname(folder.socket))]).toEqual(['660', '750']);
    companion.signal('SIGTERM');
    expect(await companion.exit()).toMatchObject({ code: 0, signal: null });
    expect(existsSync(folder.socket)).toBe(false);
  });

  it.runIf(canBeOther)('cannot be opened by a second user of the machine', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    chmodSync(folder.path, 0o755);
    expect(connectAsOther(folder.socket)).toBe('EACCES');
    // By the mode of the socket alone, too.
    chmodSync(dirname(folder.socket), 0o777);
    expect(connectAsOther(folder.socket)).toBe('EACCES');
    expect(await companion.state()).toMatchObject({ pod: 'running' });
  });

  it.runIf(canBeOther)('can be opened by the group that it is given to', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder, { socketGroup: otherUser });
    chmodSync(folder.path, 0o755);
    expect(connectAsOther(folder.socket)).toBe('connected');
    expect(await companion.state()).toMatchObject({ pod: 'running' });
  });

  it('is taken over from a companion that was killed', async () => {
    using folder = new PodFolder();
    await using killed = await CompanionProcess.start(folder);
    killed.signal('SIGKILL');
    await killed.exit();
    expect(lstatSync(folder.socket).isSocket()).toBe(true);
    await using next = await CompanionProcess.start(folder);
    expect(await next.state()).toMatchObject({ epoch: 2 });
  });

  it('is left to a companion that lives', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    await expect(CompanionProcess.start(folder)).rejects.toThrow(/ERR_GRACEFUL_PORT_IN_USE/);
    expect(await companion.state()).toMatchObject({ epoch: 1 });
  });

  it('takes the place of nothing but a socket', async () => {
    using folder = new PodFolder();
    mkdirSync(dirname(folder.socket));
    writeFileSync(folder.socket, 'precious');
    await expect(CompanionProcess.start(folder)).rejects.toThrow(/ERR_GRACEFUL_LISTEN/);
  });

  it('is used, with a warning, in a volume that everybody may write', async () => {
    using folder = new PodFolder();
    const volume = dirname(folder.socket);
    mkdirSync(volume);
    chmodSync(volume, 0o777);
    await using companion = await CompanionProcess.start(folder);
    const warning = await companion.log.until('a warning', ({ level }) => level === 40);
    expect(warning.msg).toContain(`${volume} has the mode 0777`);
    expect(modeOf(folder.socket)).toBe('660');
    expect(modeOf(volume)).toBe('777');
  });

  it('is said to be impossible where it is', async () => {
    using folder = new PodFolder();
    const socket = join(folder.path, 'a', 'b', 'control.sock');
    await expect(CompanionProcess.start(folder, { socket })).rejects.toThrow(
      /ERR_COMPANION_CONTROL: Expected to make/,
    );
    const long = join(folder.path, 'x'.repeat(120), 'control.sock');
    await expect(CompanionProcess.start(folder, { socket: long })).rejects.toThrow(/107 bytes/);
  });
});

describe.concurrent('the ports', () => {
  it('are said to be taken where they are, and nothing is left behind', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    using other = new PodFolder();
    const { port } = companion.kubelet;
    await expect(CompanionProcess.start(other, { kubelet: { host: '127.0.0.1', port } })).rejects.toThrow(
      /ERR_COMPANION_LISTEN: Expected to listen on 127\.0\.0\.1:\d+, got .*EADDRINUSE.* for `kubelet`/,
    );
    expect(existsSync(other.socket)).toBe(false);
  });
});
