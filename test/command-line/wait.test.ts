import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { freePort } from '@graceful/conformance/client';
import { start, testFolder } from '../src/command-line/place.js';
import { graceful } from '../src/command-line/program.js';
import { canMakePidNamespace, childOf, inPidNamespace } from '../src/harness/pid-namespace.js';
import { atTerminal, ctrlC, hasTerminal } from '../src/harness/terminal.js';
import { Door } from '../src/waiting/door.js';

const possible = canMakePidNamespace();
const terminal = hasTerminal();

if (!possible) {
  console.warn(
    'NOT RUN: waiting as PID 1. `unshare --pid` is not permitted here; REQUIRE_PID_NAMESPACE=1 makes this a failure.',
  );
}
if (!terminal) {
  console.warn(
    'NOT RUN: waiting at a terminal. There is no `script` (util-linux) here; REQUIRE_PTY=1 makes this a failure.',
  );
}
it.runIf(process.env['REQUIRE_PID_NAMESPACE'] === '1')('a PID namespace can be made, as is demanded', () => {
  expect(possible).toBe(true);
});

function jsonLines(out: string): unknown[] {
  return out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

describe('graceful wait', () => {
  it('ends with 0 when all is there, which it says line by line', async () => {
    const path = join(testFolder(), 'ready');
    writeFileSync(path, '');
    expect(await graceful(['wait', `file:${path}`, `file:${path}`])).toEqual({
      code: 0,
      signal: null,
      out: expect.stringMatching(
        new RegExp(`^wait: there after \\d+ ms: file:${path}\nwait done in \\d+ ms\n$`),
      ),
      err: '',
    });
  });

  it('waits for a port, an answer, a file, a socket and a name that come one after the other', async () => {
    const folder = testFolder();
    const [web, port] = [await freePort(), await freePort()];
    const [ready, socket] = [join(folder, 'ready'), join(folder, 'app.sock')];
    const program = start([
      'wait',
      `tcp://127.0.0.1:${port}`,
      `http://127.0.0.1:${web}/readyz`,
      `file:${ready}`,
      `unix:${socket}`,
      'dns:localhost',
    ]);
    await program.prints(/wait: there after .*: dns:localhost: \S+/);
    await program.prints(/wait: not yet: tcp:.*: connection refused at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/);
    await program.prints(/wait: not yet: file:.*: there is no such file \(ENOENT\)/);
    await program.prints(/wait: not yet: unix:.*: there is no such file \(ENOENT\)/);
    const doors = [await Door.tcp({ port }), await Door.tcp({ path: socket })];
    await program.prints(/wait: there after .*: tcp:/);
    await program.prints(/wait: there after .*: unix:/);
    let status = 503;
    doors.push(await Door.http({ port: web }, (_request, response) => response.writeHead(status).end()));
    // The reason is another one now.
    await program.prints(/wait: not yet: http:.*: it answers 503 Service Unavailable/);
    writeFileSync(`${ready}~`, '');
    renameSync(`${ready}~`, ready);
    await program.prints(/wait: there after .*: file:/);
    status = 200;
    const { code, out, err } = await program.ended();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/wait: there after [^\n]*: http:[^\n]*: 200 OK\nwait done in \d[^\n]*\n$/);
    for (const door of doors) await door.empty();
    // Tried for as long as it took, and told twice at most of each.
    expect(out.split('\n').filter((line) => line.startsWith('wait: not yet: tcp:'))).toHaveLength(1);
  });

  it('ends with 1 when it is too late, and says what is missing, and why', async () => {
    const port = await freePort();
    const { code, out, err } = await graceful([
      'wait',
      'dns:localhost',
      `tcp://127.0.0.1:${port}`,
      '--timeout',
      '300ms',
    ]);
    expect(code).toBe(1);
    expect(out).toMatch(/^wait: there after [^\n]*: dns:localhost/m);
    expect(err.split('\n')).toEqual([
      expect.stringMatching(
        new RegExp(
          `^wait: missing: tcp://127.0.0.1:${port}: connection refused at 127.0.0.1:${port} \\(ECONNREFUSED\\) \\(\\d+ tr`,
        ),
      ),
      expect.stringMatching(/^wait failed \(timeout\): 1 of 2 missing after \d+ ms$/),
      '',
    ]);
  });

  it('bounds each look', async () => {
    const silent = await Door.http({ port: 0 }, () => {});
    const url = `http://127.0.0.1:${silent.port}/`;
    const program = start(['wait', url, '--attempt', '100ms']);
    await program.prints(/not yet: http:.*: no answer within \d+ ms/);
    program.child.kill('SIGTERM');
    await program.ended();
    await silent.empty();
  });

  it('tells programs all of it, one JSON object a line', async () => {
    const path = join(testFolder(), 'ready');
    const program = start(['wait', `file:${path}`, '--json']);
    await program.prints(/"state":"missing"/);
    writeFileSync(path, '');
    const { code, out, err } = await program.ended();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = jsonLines(out);
    const target = `file:${path}`;
    expect(lines[0]).toEqual({
      state: 'missing',
      target,
      kind: 'file',
      afterMs: expect.any(Number),
      tries: 1,
      because: 'there is no such file (ENOENT)',
      againInMs: expect.any(Number),
    });
    const there = {
      state: 'there',
      target,
      kind: 'file',
      afterMs: expect.any(Number),
      tries: lines.length - 1,
    };
    expect(lines.at(-2)).toEqual(there);
    expect(lines.at(-1)).toEqual({ done: 'ok', durationMs: expect.any(Number), targets: [there] });

    const late = await graceful(['wait', `file:${path}~`, '--json', '--timeout', '200ms']);
    expect(late).toMatchObject({ code: 1, err: '' });
    expect(jsonLines(late.out).at(-1)).toMatchObject({
      done: 'failed',
      code: 'timeout',
      targets: [{ state: 'missing', because: 'there is no such file (ENOENT)' }],
    });
  });

  it('trusts whom NODE_EXTRA_CA_CERTS names, and with --insecure everybody', async () => {
    const door = await Door.https({ port: 0 }, (_request, response) => response.end());
    const url = `https://localhost:${door.port}/`;
    const env = {
      NODE_EXTRA_CA_CERTS: fileURLToPath(new URL('../fixtures/test-only-cert.pem', import.meta.url)),
    };
    expect(await graceful(['wait', url], { env })).toMatchObject({ code: 0 });
    expect(await graceful(['wait', url, '--insecure'])).toMatchObject({ code: 0 });
    const program = start(['wait', url]);
    await program.prints(/not yet: .* NODE_EXTRA_CA_CERTS \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
  });

  it('gives a terminal nothing to obey, whatever is answered', async () => {
    const door = await Door.tcp({ port: 0 }, (socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 302 \u009B2J\r\nLocation: /\u009B31m\r\n\r\n'));
    });
    for (const more of [[], ['--json']]) {
      const args = ['wait', `http://127.0.0.1:${door.port}/`, '--timeout', '200ms', ...more];
      const { code, out, err } = await graceful(args);
      expect(code).toBe(1);
      expect((out + err).match(/[^\n\P{Cc}]/gu) ?? []).toEqual([]);
    }
  });

  it('ends as it would when the reader of its output has gone', async () => {
    const path = join(testFolder(), 'ready');
    const program = start(['wait', `file:${path}`, '--json']);
    await program.prints(/"state":"missing"/);
    program.child.stdout?.destroy();
    writeFileSync(path, '');
    expect(await program.ended()).toMatchObject({ code: 0, err: '' });
  });
});

describe('what is no target', () => {
  it.each([
    [['db:5432'], 'got "db:5432". Write "tcp://db:5432" for a port that accepts connections.'],
    [['dns:localhost', 'tcp://db'], 'Expected tcp://host:port, such as tcp://db:5432'],
    [['postgres://me:secret@db:5432/orders'], 'Write "tcp://db:5432"'],
    [
      ['dns:localhost', '--timeout', '60'],
      'Expected a duration with its unit, such as 500ms, 60s, 5m or 1h, got "60".',
    ],
    [['dns:localhost', '--attempt', '0s'], 'Expected a duration with its unit'],
    [[], "missing required argument 'target'"],
  ])('is said before anything is looked at, and ends with 2: %j', async (args, message) => {
    const { code, out, err } = await graceful(['wait', ...args]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err).not.toContain('secret');
  });

  it('is told programs as they asked', async () => {
    const { code, out, err } = await graceful(['wait', 'db:5432', '--json']);
    expect({ code, err }).toEqual({ code: 2, err: '' });
    expect(jsonLines(out)).toMatchObject([{ done: 'refused', code: 'ERR_COMPANION_TARGET' }]);
  });
});

describe('a signal ends the waiting', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('%s with %i, and with what is missing', async (signal, code) => {
    const program = start(['wait', 'dns:localhost', `file:${join(testFolder(), 'ready')}`]);
    await program.prints(/not yet: file:/);
    await program.prints(/there after .*: dns:/);
    program.child.kill(signal);
    expect(await program.ended()).toMatchObject({
      code,
      signal: null,
      err: expect.stringMatching(
        new RegExp(
          `^wait: missing: file:[^\n]*: there is no such file \\(ENOENT\\) \\([^\n]*\nwait ended by ${signal}: 1 of 2 missing after [^\n]*\n$`,
        ),
      ),
    });
  });

  it('also in a look that has no answer, and tells programs', async () => {
    const silent = await Door.http({ port: 0 }, () => program.child.kill('SIGTERM'));
    const program = start(['wait', `http://127.0.0.1:${silent.port}/`, '--json', '--attempt', '1h']);
    const { code, out } = await program.ended();
    expect(code).toBe(143);
    expect(jsonLines(out)).toMatchObject([
      { done: 'interrupted', code: 'SIGTERM', targets: [{ state: 'missing' }] },
    ]);
  });

  it.runIf(possible)('as PID 1, too, where none is obeyed by itself', async () => {
    const args = ['wait', `file:${join(testFolder(), 'ready')}`];
    const program = start(args, { through: inPidNamespace });
    await program.prints(/not yet: file:/);
    process.kill(childOf(program.pid), 'SIGTERM');
    expect(await program.ended()).toMatchObject({
      code: 143,
      err: expect.stringContaining('wait ended by SIGTERM'),
    });
  });
});

/** What stands on the screen at the end, of what went up and was erased. */
function onScreen(written: string): string[] {
  const screen = [''];
  let row = 0;
  // eslint-disable-next-line no-control-regex
  for (const [part, up] of written.matchAll(/\u001B\[(\d+)A|\u001B\[J|\r|\n|[^\r\n\u001B]+/g)) {
    if (up !== undefined) row -= Number(up);
    else if (part === '\u001B[J') {
      screen.length = row + 1;
      screen[row] = '';
    } else if (part === '\n') row += 1;
    else if (part !== '\r') screen[row] = part;
  }
  return screen;
}

describe.runIf(terminal)('at a terminal', () => {
  it('what has come stands, and below it lives what has not', async () => {
    const path = join(testFolder(), 'ready');
    const env = { NO_COLOR: '1' };
    const program = start(['wait', 'dns:localhost', `file:${path}`], { env, through: atTerminal });
    // The turning sign is drawn again and again while nothing happens.
    await program.prints(/⠙ file:[^]*there is no such file[^]*⠹ file:/);
    writeFileSync(path, '');
    const { code, out } = await program.ended();
    expect(code).toBe(0);
    expect(onScreen(out)).toEqual([
      expect.stringMatching(/^ {2}✓ dns:localhost: \S.* {2}\d/),
      expect.stringMatching(/^ {2}✓ file:.* {2}\d/),
      expect.stringMatching(/^✓ wait done in \d/),
    ]);
  });

  it('Ctrl-C leaves what was missing, and why', async () => {
    const path = join(testFolder(), 'ready');
    const program = start(['wait', `file:${path}`], { env: { NO_COLOR: '1' }, through: atTerminal });
    await program.prints(/there is no such file/);
    program.child.stdin?.write(ctrlC);
    const { code, out } = await program.ended();
    expect(code).toBe(130);
    expect(onScreen(out).slice(-2)).toEqual([
      `  ✗ file:${path}: there is no such file (ENOENT)`,
      expect.stringMatching(/^✗ wait ended by SIGINT: 1 of 1 missing after \d/),
    ]);
  });
});
