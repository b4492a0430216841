import { chmodSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { handoverErrorCodes } from '@graceful/handover';
import { scripted, start, testFolder } from './src/command-line/place.js';
import { graceful } from './src/command-line/program.js';
import { atTerminal, ctrlC, hasTerminal } from './src/harness/terminal.js';

const ofSupervisors = ['run', 'status', 'upgrade', 'rollback', 'drain', 'stop'];
const ofPods = ['companion', 'companion prestop', 'companion state', 'companion drain', 'wait', 'receipts'];
const commands = [...ofSupervisors, ...ofPods];
const changes = ['upgrade', 'rollback', 'drain', 'stop'];

const nobody = 65_534;
/** Root may be somebody else; and somebody else may have no way to our code. */
const asNobody = process.geteuid?.() === 0 && (await graceful(['--version'], { uid: nobody })).code === 0;
const terminal = hasTerminal();

if (!asNobody)
  console.warn(
    'NOT RUN: the command line as another user. Only root can try that, where others may read this folder.',
  );
if (!terminal) {
  console.warn(
    'NOT RUN: the live view. There is no `script` (util-linux) here; REQUIRE_PTY=1 makes this a failure.',
  );
}
it.runIf(process.env['REQUIRE_PTY'] === '1')('a terminal can be made, as REQUIRE_PTY=1 demands', () => {
  expect(terminal).toBe(true);
});

describe('help', () => {
  it.each(commands)('of "%s" has an example, and what the exit codes mean', async (command) => {
    const { code, out, err } = await graceful([...command.split(' '), '--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`Examples:\n  $ graceful ${command}`);
    expect(out).toContain('Exit codes:');
  });

  it('comes where nothing is asked for, which is not asked in order', async () => {
    expect(await graceful([])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('Usage: graceful'),
    });
  });
});

describe('what is wrong is said when it is typed, and ends with 2', () => {
  it.each([
    [['upgrad'], 'Did you mean upgrade?'],
    [['status', 'all'], "too many arguments for 'status'"],
    [['stop', '--jsn'], 'Did you mean --json?'],
    [['run'], "missing required argument 'command'"],
    [
      ['run', '--listen', 'http', '--', 'node'],
      "option '--listen <[name=]address>' argument 'http' is invalid. Expected [name=]3000",
    ],
    [
      ['run', '--listen', 'a=1', '--listen', 'a=2', '--', 'node'],
      'Expected a name of its own for each socket',
    ],
    [['run', '--workers', '0', '--', 'node'], 'Expected a whole number from 1 to 1024, got "0".'],
    [['run', '--ready', 'soon', '--', 'node'], 'Expected fd, http://host:port/path'],
    [
      ['run', '--drain-ms', '5s', '--', 'node'],
      'Expected a number of milliseconds from 0 to 2147483647, got "5s".',
    ],
    [['run', '--stop-signal', 'KILL', '--', 'node'], 'Expected the name of a signal that a program can obey'],
    [['run', '--name', '../x', '--', 'node'], 'Expected up to 64 letters, digits'],
    [['run', '--control', '', '--', 'node'], 'Expected the path of a socket, got "".'],
    [['upgrade', '--cwd', ''], 'Expected a folder, got "".'],
  ])('%j', async (args, message) => {
    const { code, out, err } = await graceful(args);
    expect(err).toContain(message);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});

describe.each(changes)('graceful %s', (command) => {
  it('ends with 0 when it is done, and has told what happened, a line each', async () => {
    const { path, target } = await scripted({
      events: [
        { event: 'stage', stage: 'start', generation: 2 },
        { event: 'note', text: 'process 12 asks for more time' },
        { event: 'stage', stage: 'success', generation: 2 },
      ],
      outcome: { done: 'ok' },
    });
    const { code, out, err } = await graceful([command, '--control', path]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n')).toEqual([
      `${command}: start, generation 2`,
      `${command}: process 12 asks for more time`,
      expect.stringMatching(new RegExp(`^${command} done in \\d`)),
      '',
    ]);
    expect(target.asked).toMatchObject([{ what: command }]);
  });

  it('ends with 1 when it failed, and with 2 when it was refused, and says why', async () => {
    const failing = await scripted({
      outcome: { done: 'failed', code: 'exit', message: 'it exited with code 1' },
    });
    expect(await graceful([command, '--control', failing.path])).toEqual({
      code: 1,
      signal: null,
      out: '',
      err: `${command} failed (exit): it exited with code 1\n`,
    });
    const refusing = await scripted({
      outcome: { done: 'refused', code: 'in-progress', message: 'one at a time' },
    });
    expect(await graceful([command, '--control', refusing.path])).toEqual({
      code: 2,
      signal: null,
      out: '',
      err: `${command} refused (in-progress): one at a time\n`,
    });
  });

  it('ends with 3 when nobody is there, or was and is no more', async () => {
    const path = join(testFolder(), 'control.sock');
    expect(await graceful([command, '--control', path])).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringContaining(`${command}: nobody there: Expected a supervisor at ${path}, got nobody`),
    });
    const { target, server, path: leaving } = await scripted();
    const watching = graceful([command, '--control', leaving]);
    await target.begun();
    void server.close();
    expect(await watching).toMatchObject({
      code: 3,
      err: expect.stringContaining('got the end of the connection'),
    });
  });

  it('tells programs the same as JSON, one object a line', async () => {
    const events = [{ event: 'stage', stage: 'start', generation: 2 }] as const;
    const outcome = { done: 'failed', code: 'timeout', message: 'not ready in time' } as const;
    const { path } = await scripted({ events, outcome });
    const { code, out, err } = await graceful([command, '--control', path, '--json']);
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([...events, outcome]);
    const nowhere = await graceful([command, '--control', join(testFolder(), 'x.sock'), '--json']);
    expect(nowhere).toMatchObject({ code: 3, err: '' });
    expect(JSON.parse(nowhere.out)).toMatchObject({ done: 'nobody', code: 'ERR_HANDOVER_CONTROL_NOBODY' });
  });
});

describe('graceful upgrade', () => {
  it('says what the new generation is to run, to the last empty word', async () => {
    const { path, target } = await scripted({ outcome: { done: 'ok' } });
    await graceful(['upgrade', '--control', path, '--cwd', '/srv/next', '--', 'node', '--json', 'x y', '']);
    expect(target.asked).toMatchObject([
      { request: { command: ['node', '--json', 'x y', ''], cwd: '/srv/next' } },
    ]);
  });

  it('says nothing of that where it is the same again', async () => {
    const { path, target } = await scripted({ outcome: { done: 'ok' } });
    await graceful(['upgrade', '--control', path]);
    expect(target.asked[0]?.request).toEqual({});
  });

  it('tells as it happens, and goes on when nobody watches any more', async () => {
    const { path, target } = await scripted({ events: [{ event: 'stage', stage: 'start' }] });
    const watcher = start(['upgrade', '--control', path]);
    await watcher.prints(/upgrade: start/);
    watcher.child.kill('SIGINT');
    expect(await watcher.ended()).toMatchObject({
      code: 130,
      err: 'upgrade goes on; "graceful status" tells how it comes along\n',
    });
    const status = await graceful(['status', '--control', path]);
    expect(status).toMatchObject({ code: 0, out: expect.stringContaining('orders: serving, generation 1') });
    (await target.begun()).settle({ done: 'ok' });
  });

  it('ends as it would when the reader of its output has gone', async () => {
    const { path, target } = await scripted({ events: [{ event: 'stage', stage: 'start' }] });
    const watcher = start(['upgrade', '--control', path]);
    await watcher.prints(/upgrade: start/);
    watcher.child.stdout?.destroy();
    const progress = await target.begun();
    for (let count = 0; count < 100; count += 1) progress.tell({ event: 'note', text: 'nobody reads' });
    progress.settle({ done: 'failed', code: 'exit', message: 'it exited' });
    expect(await watcher.ended()).toMatchObject({ code: 1, err: 'upgrade failed (exit): it exited\n' });
  });

  it('gives a terminal nothing to obey, whatever a supervisor says', async () => {
    const evil = '\u001B]0;title\u0007\u001B[2J\nupgrade done in 1 ms';
    const { path } = await scripted({
      events: [{ event: 'note', text: evil }, { event: 'stage', stage: evil }, { event: evil } as never],
      outcome: { done: 'failed', code: evil, message: evil },
    });
    for (const more of [[], ['--json']]) {
      const { out, err } = await graceful(['upgrade', '--control', path, ...more]);
      expect(Array.from(out + err).filter((character) => character < ' ' && character !== '\n')).toEqual([]);
      expect((out + err).split('\n').filter((line) => line.startsWith('upgrade done'))).toEqual([]);
    }
  });
});

describe('which supervisor is meant', () => {
  it('is told by --control, --name or GRACEFUL_CONTROL; what is typed counts first', async () => {
    const one = await scripted({ outcome: { done: 'ok' } });
    const two = await scripted({ outcome: { done: 'ok' } });
    const env = { GRACEFUL_CONTROL: one.path, XDG_RUNTIME_DIR: testFolder() };
    expect(await graceful(['drain'], { env })).toMatchObject({ code: 0 });
    expect(await graceful(['drain', '--control', two.path], { env })).toMatchObject({ code: 0 });
    expect([one.target.asked.length, two.target.asked.length]).toEqual([1, 1]);
    expect(await graceful(['drain', '--name', 'test-nobody'], { env })).toMatchObject({
      code: 3,
      err: expect.stringContaining(join(env.XDG_RUNTIME_DIR, 'graceful', 'test-nobody.sock')),
    });
  });
});

describe.runIf(asNobody)('another user', () => {
  it('is told that it is not theirs, and ends with 2', async () => {
    const { path, target } = await scripted();
    // They find it, and it is closed to them.
    chmodSync(dirname(path), 0o755);
    for (const command of ['status', 'stop']) {
      expect(await graceful([command, '--control', path], { uid: nobody })).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringContaining('only the user of the supervisor, and root, may talk to it'),
      });
    }
    expect(target.asked).toEqual([]);
  });
});

describe.runIf(terminal)('at a terminal', () => {
  it('each stage is a line that lives, and the last one says what became of it', async () => {
    const { path, target } = await scripted({ events: [{ event: 'stage', stage: 'start', generation: 2 }] });
    const env = { NO_COLOR: '1' };
    const watcher = start(['upgrade', '--control', path], { env, through: atTerminal });
    // The turning sign is drawn again and again while nothing happens.
    await watcher.prints(/⠙ start, generation 2[^]*⠹ start, generation 2/);
    const progress = await target.begun();
    progress.tell({ event: 'stage', stage: 'handover', generation: 2 });
    progress.settle({ done: 'ok' });
    const { code, out } = await watcher.ended();
    expect(code).toBe(0);
    const screen = out.split('\n').map((line) => line.slice(line.lastIndexOf('\u001B[K') + 3));
    expect(screen.map((line) => line.trimEnd())).toEqual([
      expect.stringMatching(/^ {2}✓ start, generation 2 {2}\d/),
      expect.stringMatching(/^ {2}✓ handover, generation 2 {2}\d/),
      expect.stringMatching(/^✓ upgrade done in \d/),
      expect.anything(),
    ]);
  });

  it('Ctrl-C ends the watching, not the upgrade', async () => {
    const { path, target } = await scripted({ events: [{ event: 'stage', stage: 'start' }] });
    const watcher = start(['upgrade', '--control', path], { through: atTerminal });
    await watcher.prints(/start/);
    watcher.child.stdin?.write(ctrlC);
    const { code, out } = await watcher.ended();
    expect(code).toBe(130);
    expect(out).toContain('upgrade goes on; "graceful status" tells how it comes along');
    (await target.begun()).settle({ done: 'ok' });
    expect(await graceful(['status', '--control', path])).toMatchObject({ code: 0 });
  });
});

function firstCells(text: string, pattern: RegExp): Set<string | undefined> {
  return new Set([...text.matchAll(pattern)].map(([, cell]) => cell));
}

describe('docs/cli.md', () => {
  const page = readFileSync(new URL('../docs/cli.md', import.meta.url), 'utf8');
  const sectionOf = (heading: string) =>
    page.split(/^## /m).find((section) => section.startsWith(`${heading}\n`)) ?? '';

  it.each([
    ['run', 'Options of `run`'],
    ['companion', 'The companion of a pod'],
  ])('has a row for each option of "%s", and none for others', async (command, heading) => {
    const section = sectionOf(heading);
    const { out } = await graceful([command, '--help']);
    const offered = [...out.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option]) => option ?? '');
    // Told of in the row of what it takes away.
    const asked = offered.filter((option) => !option.startsWith('--no-'));
    expect(firstCells(section, /^\| `(--[a-z-]+)`/gm)).toEqual(new Set(asked));
    for (const option of offered) expect(section).toContain(`\`${option}`);
  });

  it('has a row for each error of the control sockets, and none for others', () => {
    const codes = Object.keys(handoverErrorCodes).filter((code) => code.startsWith('ERR_HANDOVER_CONTROL_'));
    const cells = firstCells(sectionOf('Errors'), /^\| `(ERR_[A-Z_]+)`/gm);
    expect(new Set([...cells].filter((code) => code?.startsWith('ERR_HANDOVER_')))).toEqual(new Set(codes));
  });
});

describe('docs/wait.md', () => {
  it('has a row for each option of "wait", and none for others', async () => {
    const page = readFileSync(new URL('../docs/wait.md', import.meta.url), 'utf8');
    const { out } = await graceful(['wait', '--help']);
    const offered = [...out.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option]) => option);
    const told = [...page.matchAll(/^\| `(--[a-z-]+)`/gm)].map(([, option]) => option);
    expect(new Set(told)).toEqual(new Set(offered));
  });
});
