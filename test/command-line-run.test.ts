import { once } from 'node:events';
import { createServer } from 'node:net';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Connection } from '@graceful/conformance/client';
import { testFolder } from './src/command-line/place.js';
import { graceful } from './src/command-line/program.js';
import { Running, serving } from './src/command-line/running.js';

describe('graceful run', () => {
  it('serves, is upgraded and rolled back on one port, and stops', async () => {
    const running = await Running.start();
    expect(await running.answer()).toMatch(/^one \d+$/);
    const [{ mode: file }, { mode: folder }] = [statSync(running.socket), statSync(dirname(running.socket))];
    expect([(file & 0o7777).toString(8), (folder & 0o7777).toString(8)]).toEqual(['600', '700']);

    const upgrade = await running.tell('upgrade', '--', ...serving('two'));
    expect(upgrade).toMatchObject({ code: 0, err: '' });
    expect(upgrade.out).toMatch(/^upgrade: precheck, generation 2\n[^]*\nupgrade done in .*\n$/);
    expect(await running.answer()).toMatch(/^two /);

    expect(await running.tell('rollback')).toMatchObject({ code: 0, err: '' });
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
    const both = await Promise.all([running.tell('upgrade'), running.tell('upgrade')]);
    expect(new Set(both.map(({ code }) => code))).toEqual(new Set([0, 2]));
    expect(both.map(({ err }) => err).join('')).toMatch(/^upgrade refused \(in-progress\): /);
    expect(await running.answer()).toMatch(/^one /);
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
    await running.program.prints(/generation 1 has left/);
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

  it('in a folder that others may write', async () => {
    const { code, err } = await graceful(['run', '--control', '/tmp/x.sock', '--', ...serving('one')]);
    expect(code).toBe(2);
    expect(err).toContain('run refused (ERR_HANDOVER_CONTROL_UNSAFE): Expected /tmp to be a folder of user');
    expect(err).toContain('--control /tmp/graceful/control.sock');
  });
});

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
