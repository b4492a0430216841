import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Connection, freePort } from '@graceful/conformance/client';
import { start, testFolder } from './src/command-line/place.js';
import { graceful } from './src/command-line/program.js';
import { Running, serving } from './src/command-line/running.js';
import { atTerminal, ctrlC, hasTerminal } from './src/harness/terminal.js';

describe('graceful run', () => {
  it('serves, is upgraded and rolled back on one port, and stops', async () => {
    const running = await Running.start();
    expect(await running.answer()).toMatch(/^one \d+$/);
    const [{ mode: file }, { mode: folder }] = [statSync(running.socket), statSync(dirname(running.socket))];
    expect([(file & 0o7777).toString(8), (folder & 0o7777).toString(8)]).toEqual(['600', '700']);

    const upgrade = await running.tell('upgrade', '--', ...serving('two'));
    expect(upgrade).toMatchObject({ code: 0, err: '' });
    expect(upgrade.out).toMatch(/^upgrade: precheck, generation 2\n[^]*\nupgrade done in .*\n$/);
    await running.hasLeft(1);
    expect(await running.answer()).toMatch(/^two /);

    expect(await running.tell('rollback')).toMatchObject({ code: 0, err: '' });
    await running.hasLeft(2);
    expect(await running.answer()).toMatch(/^one /);
    expect(await running.status()).toMatchObject({
      state: 'serving',
      generation: 3,
      pid: running.program.pid,
    });

    expect(await running.tell('stop')).toMatchObject({ code: 0, err: '' });
    expect(await running.program.ended()).toMatchObject({ code: 0 });
    expect(readdirSync(dirname(running.socket))).toEqual([]);
    expect(await running.tell('status')).toMatchObject({ code: 3 });
  });

  it('shows Prometheus the generation, and how upgrades went', async () => {
    const port = await freePort();
    const running = await Running.start(['--metrics', `127.0.0.1:${port}`]);
    const scrape = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(await scrape()).toMatch(/^graceful_generation 1$/m);
    await running.tell('upgrade', '--', ...serving('two'));
    await running.tell('upgrade', '--', ...serving('three', 'no-start'));
    const text = await scrape();
    expect(text).toMatch(/^graceful_generation 2$/m);
    expect(text).toMatch(/^graceful_upgrades_total\{result="success",code=""\} 1$/m);
    expect(text).toMatch(/^graceful_upgrades_total\{result="failed",code="exit"\} 1$/m);
    expect(text).toMatch(/^graceful_upgrade_stage_duration_seconds_count\{stage="start",result="ok"\} 1$/m);
    expect(text).toMatch(
      /^graceful_upgrade_stage_duration_seconds_count\{stage="start",result="failed"\} 1$/m,
    );
    const second = await graceful(['run', '--no-control', '--metrics', `127.0.0.1:${port}`, '--', 'true'], {
      env: {},
    });
    expect(second).toMatchObject({
      code: 2,
      err: expect.stringContaining(`127.0.0.1:${port} to be free for metrics`),
    });
  });

  it('says what came of an upgrade that does not come up: 1, and what served before serves', async () => {
    const running = await Running.start();
    const before = await running.answer();
    const failed = await running.tell('upgrade', '--', ...serving('two', 'no-start'));
    expect(failed).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^upgrade failed \(exit\): .*with code 7/),
    });
    const missing = await running.tell('upgrade', '--json', '--', 'no-such-program');
    expect(missing).toMatchObject({ code: 1, err: '' });
    expect(JSON.parse(missing.out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      done: 'failed',
      code: 'precheck',
    });
    expect(await running.answer()).toBe(before);
    expect(await running.status()).toMatchObject({ generation: 1, state: 'serving' });
  });

  it('refuses what cannot be done now: 2', async () => {
    const running = await Running.start();
    expect(await running.tell('rollback')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/^rollback refused \(no-previous\): /),
    });
    const first = start(['upgrade', '--', ...serving('two', 'hangs')], { env: running.env });
    await first.prints(/upgrade: start/);
    for (const command of ['upgrade', 'drain']) {
      expect(await running.tell(command)).toMatchObject({
        code: 2,
        err: expect.stringContaining(`${command} refused (in-progress): `),
      });
    }
    expect(await running.status()).toMatchObject({
      state: 'upgrading',
      upgrade: { stage: 'start', generation: 2 },
    });
    expect(await running.answer()).toMatch(/^one /);
    // The end of the service is never refused.
    expect(await running.tell('stop')).toMatchObject({ code: 0 });
    expect(await first.ended()).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^upgrade failed \(aborted\): /),
    });
  });

  it('drains, and keeps the door: who comes meanwhile is served by the next', async () => {
    const running = await Running.start();
    const address = await running.address();
    expect(await running.tell('drain')).toMatchObject({ code: 0, err: '' });
    expect(await running.status()).toMatchObject({ state: 'drained', generations: [] });
    const waiting = await Connection.open(address);
    const answer = waiting.ask({ path: '/' });
    expect(await running.tell('upgrade', '--', ...serving('two'))).toMatchObject({ code: 0 });
    expect((await answer).body).toMatch(/^two /);
    waiting.destroy();
  });

  it('tells of a process that was started again', async () => {
    const running = await Running.start();
    const before = await running.answer();
    await running.answer('/crash').catch(() => {});
    await running.program.prints(/exited with code 9; another is started/);
    const after = await running.answer();
    expect(after).toMatch(/^one /);
    expect(after).not.toBe(before);
    expect((await running.status()).generations).toMatchObject([
      {
        generation: 1,
        command: serving('one'),
        workers: [{ pid: Number(after.split(' ')[1]), restarts: 1 }],
      },
    ]);
  });

  it('upgrades on SIGUSR2, and ends on SIGTERM with what the service says', async () => {
    const running = await Running.start();
    running.program.child.kill('SIGUSR2');
    await running.hasLeft(1);
    expect(await running.status()).toMatchObject({ generation: 2 });
    running.program.child.kill('SIGTERM');
    expect(await running.program.ended()).toMatchObject({ code: 0 });
    expect(running.socketExists).toBe(false);
  });
});

describe('a second supervisor of the same name', () => {
  it('is refused before it starts anything, and the first does not notice', async () => {
    const running = await Running.start();
    const { code, out, err } = await running.tell('run', '--', ...serving('two'));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`run refused (ERR_HANDOVER_CONTROL_TAKEN): Expected the control socket to be free`);
    expect(await running.answer()).toMatch(/^one /);
  });

  it('takes the place of one that was killed', async () => {
    const running = await Running.start();
    running.program.child.kill('SIGKILL');
    await running.program.ended();
    expect(running.socketExists).toBe(true);
    expect(await running.tell('status')).toMatchObject({ code: 3 });
    const next = new Running(dirname(dirname(running.socket)), [], serving('two'));
    await next.program.prints(/generation 1 serves/);
    expect(await next.answer()).toMatch(/^two /);
  });

  it('needs another name, or none', async () => {
    const running = await Running.start();
    const other = new Running(dirname(dirname(running.socket)), ['--name', 'other'], serving('two'));
    await other.program.prints(/generation 1 serves/);
    expect(await running.tell('status', '--name', 'other')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^other: serving, generation 1/),
    });
    const silent = new Running(dirname(dirname(running.socket)), ['--no-control'], serving('three'));
    await silent.program.prints(/generation 1 serves/);
    expect(readdirSync(dirname(running.socket)).toSorted()).toEqual(['other.sock', 'service.sock']);
  });
});

describe('what cannot be run', () => {
  it.each([
    [
      'a program that is not there',
      ['no-such-program'],
      127,
      /there is no executable program "no-such-program"/,
    ],
    ['a service that does not start', serving('one', 'no-start'), 7, /cannot be started: .*with code 7/],
  ])('%s', async (_, command, code, message) => {
    const running = new Running(testFolder(), [], command);
    expect(await running.program.ended()).toMatchObject({ code, err: expect.stringMatching(message) });
    expect(running.socketExists).toBe(false);
  });

  it('an address that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const running = new Running(testFolder(), ['--listen', `second=127.0.0.1:${port}`], serving('one'));
    expect(await running.program.ended()).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        `run refused (ERR_HANDOVER_LISTEN): Expected to bind 127.0.0.1:${port}, got EADDRINUSE`,
      ),
    });
    expect(running.socketExists).toBe(false);
  });

  it('a Unix socket where somebody listens, or a file is', async () => {
    const folder = testFolder();
    const path = join(folder, 'taken.sock');
    const other = createServer().listen(path);
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const file = join(folder, 'file');
    writeFileSync(file, 'precious');
    for (const taken of [path, file]) {
      const running = new Running(testFolder(), ['--listen', taken], serving('one'));
      const { code, err } = await running.program.ended();
      expect(code).toBe(2);
      expect(err).toMatch(/\nrun refused \(ERR_[A-Z_]+\): Expected /);
      expect(err).not.toContain('    at ');
      expect(running.socketExists).toBe(false);
    }
    expect(readFileSync(file, 'utf8')).toBe('precious');
  });

  it('in a folder that others may write', async () => {
    const { code, err } = await graceful(['run', '--control', '/tmp/x.sock', '--', ...serving('one')]);
    expect(code).toBe(2);
    expect(err).toContain('run refused (ERR_HANDOVER_CONTROL_UNSAFE): Expected /tmp to be a folder of user');
    expect(err).toContain('--control /tmp/graceful/control.sock');
  });
});

describe.runIf(hasTerminal())('graceful run at a terminal', () => {
  it('ends in order at Ctrl-C, which reaches the service through it alone', async () => {
    const env = { XDG_RUNTIME_DIR: testFolder() };
    const program = start(['run', '--listen', 'http=127.0.0.1:0', '--', ...serving('one')], {
      env,
      through: atTerminal,
    });
    await program.prints(/generation 1 serves/);
    program.child.stdin?.write(ctrlC);
    const { code, out } = await program.ended();
    expect(code).toBe(0);
    expect(out).toMatch(/stopping \(SIGINT\)[^]*stopped with code 0/);
    expect(readdirSync(join(env.XDG_RUNTIME_DIR, 'graceful'))).toEqual([]);
  });
});

describe.runIf(hasTerminal())('Ctrl-C, pressed again', () => {
  it('ends everything at once, and leaves no socket behind', async () => {
    const env = { XDG_RUNTIME_DIR: testFolder() };
    const command = ['run', '--listen', 'http=127.0.0.1:0', '--', ...serving('one', 'stubborn')];
    const program = start(command, { env, through: atTerminal });
    await program.prints(/^stubborn/m);
    program.child.stdin?.write(ctrlC);
    await program.prints(/stopping \(SIGINT\)/);
    // Closer together they are one that was heard twice.
    await pause(600);
    program.child.stdin?.write(ctrlC);
    expect(await program.ended()).toMatchObject({ code: 130 });
    expect(readdirSync(join(env.XDG_RUNTIME_DIR, 'graceful'))).toEqual([]);
  });
});

describe('SIGTERM at the very start', () => {
  it('is obeyed while the sockets are being bound, with nothing left behind', async () => {
    const folder = testFolder();
    const running = new Running(testFolder(), ['--listen', join(folder, 'orders.sock')], serving('one'));
    await running.program.prints(/control socket at/);
    running.program.child.kill('SIGTERM');
    expect(await running.program.ended()).toMatchObject({ signal: null });
    expect([readdirSync(folder), running.socketExists]).toEqual([[], false]);
  });
});

describe('hostile clients of a supervisor that serves', () => {
  it('disturb nothing, and leave nothing behind', async () => {
    const running = await Running.start();
    const descriptors = () => readdirSync(`/proc/${running.program.pid}/fd`).length;
    const before = descriptors();
    const upgrade = start(['upgrade', '--', ...serving('two')], { env: running.env });
    await upgrade.prints(/upgrade: start/);
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(Object.values(manners).map((behave) => meet(running.socket, behave)));
      expect(await running.answer()).toMatch(/^(one|two) /);
    }
    expect(await upgrade.ended()).toMatchObject({ code: 0 });
    await running.hasLeft(1);
    expect(await running.answer()).toMatch(/^two /);
    // Those who asked for an upgrade after the first was done have had theirs.
    while (descriptors() > before) await running.status();
    expect(descriptors()).toBe(before);
  });
});

/** What a client may do to a control socket. Each ends by itself, or is ended. */
const manners: Readonly<Record<string, (socket: Socket) => void>> = {
  'goes without a word': (socket) => socket.destroy(),
  'sends noise': (socket) => socket.write(randomBytes(10_000)),
  'sends far too much': (socket) => socket.write(Buffer.alloc(1_000_000, '{')),
  'asks nonsense': (socket) => socket.write('{"v":1,"do":"upgrade","command":"rm -rf /"}\n'),
  'asks in the middle of an upgrade, and goes': (socket) =>
    socket.write('{"v":1,"do":"upgrade"}\n', () => socket.destroy()),
  'asks and does not read': (socket) =>
    socket.pause().write('{"v":1,"do":"status"}\n', () => socket.destroy()),
  'speaks HTTP': (socket) => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
};

/** Resolves when the connection has ended, whoever ended it. */
function meet(path: string, behave: (socket: Socket) => void): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(path, () => behave(socket));
    socket.on('error', () => {}).on('close', () => resolve());
    socket.on('end', () => socket.end()).resume();
  });
}

describe('the log of graceful run', () => {
  it('is JSON where that is asked for, one object a line', async () => {
    const running = new Running(testFolder(), ['--json'], serving('one'));
    await running.program.prints(/generation 1 serves/);
    running.program.child.kill('SIGTERM');
    const { out, err } = await running.program.ended();
    expect(out).toBe('');
    const lines = err
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'info', msg: 'generation 1 serves', generation: 1 }),
    );
    expect(lines.at(0)).toMatchObject({ control: running.socket });
  });

  it('may lose its reader: the service goes on', async () => {
    const running = await Running.start();
    running.program.child.stderr?.destroy();
    running.program.child.stdout?.destroy();
    expect(await running.tell('upgrade')).toMatchObject({ code: 0 });
    expect(await running.answer()).toMatch(/^one /);
  });
});

describe('--listen', () => {
  it('holds a Unix socket, too, and takes its path away at the end', async () => {
    const folder = testFolder();
    const running = await Running.start(['--listen', `local=unix:${join(folder, 'local.sock')}`]);
    expect((await running.status()).sockets).toMatchObject([
      { name: 'http', kind: 'tcp', host: '127.0.0.1' },
      { name: 'local', kind: 'unix', path: join(folder, 'local.sock') },
    ]);
    await running.tell('stop');
    expect(readdirSync(folder)).toEqual([]);
  });
});
