import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { testFolder } from './src/command-line/place.js';
import { missingForNotices, NotifyListener } from './src/systemd/notify-listener.js';

const node = process.env['GRACEFUL_TEST_NODE'] ?? process.execPath;
const program = fileURLToPath(new URL('./dist/systemd/speaker.js', import.meta.url));
const missing = missingForNotices();
const required = process.env['REQUIRE_SYSTEMD'] === '1';

if (missing !== undefined) console.warn(`NOT RUN: what systemd is told. This machine has no ${missing}.`);

it.runIf(required)('this machine has what REQUIRE_SYSTEMD=1 demands', () => {
  expect(missing).toBeUndefined();
});

const hasFfi =
  spawnSync(node, ['-p', "Boolean(process.getBuiltinModule('node:ffi'))"], { encoding: 'utf8' }).stdout ===
  'true\n';
const ways = [
  ...(hasFfi ? [{ way: 'node:ffi', options: [] }] : []),
  { way: 'systemd-notify', options: hasFfi ? ['--no-experimental-ffi'] : [] },
];

/** What it knows of itself at the end; `problems` are what it logged. */
interface Speech {
  readonly enabled: boolean;
  readonly sender: string;
  readonly left: readonly string[];
  readonly problems: readonly string[];
}

function speak(
  about: string,
  environment: NodeJS.ProcessEnv,
  options: readonly string[] = [],
): { readonly pid: number; kill(signal: NodeJS.Signals): void; readonly said: Promise<Speech> } {
  const env = { PATH: process.env['PATH'], ...environment };
  const child = spawn(node, [...options, program, about], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  const said = ended.then(([[code], out, err]) => {
    // A warning that something is experimental would stand here.
    expect({ code, err }).toEqual({ code: 0, err: '' });
    return JSON.parse(out) as Speech;
  });
  said.catch(() => {});
  return { pid: child.pid ?? 0, kill: (signal) => void child.kill(signal), said };
}

describe.runIf(missing === undefined)('what a service tells systemd', () => {
  describe.each(ways)('by $way', ({ way, options }) => {
    it.each(['a path', 'an abstract name'])('arrives, word for word, in order: %s', async (kind) => {
      const socket = kind === 'a path' ? join(testFolder(), 'notify') : `@graceful-${way}-${process.pid}`;
      const listener = await NotifyListener.at(socket);
      const before = process.hrtime.bigint() / 1_000n;
      const speaker = speak('everything', { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '1000000' }, options);
      expect(await speaker.said).toEqual({ enabled: true, sender: way, left: [], problems: [] });
      await listener.hears('STOPPING=1');
      const after = process.hrtime.bigint() / 1_000n;

      const [first, reloading = '', ...rest] = listener.heard;
      expect(first).toBe('READY=1\\nSTATUS=serves on   two lines');
      const [, usec = 0n] = /^RELOADING=1\\nMONOTONIC_USEC=(\d+)\\nSTATUS=upgrading$/.exec(reloading) ?? [];
      // CLOCK_MONOTONIC is one clock for all processes.
      expect(BigInt(usec)).toBeGreaterThan(before);
      expect(BigInt(usec)).toBeLessThan(after);
      expect(rest).toEqual([
        'READY=1',
        'EXTEND_TIMEOUT_USEC=1500500',
        `MAINPID=${speaker.pid}`,
        'X_COLOUR=grün\\nERRNO=2',
        `STOPPING=1\\nSTATUS=${'x'.repeat(499)}…`,
      ]);
    });

    it('keeps its order, however much there is', async () => {
      const listener = await NotifyListener.at(join(testFolder(), 'notify'));
      await speak('row', { NOTIFY_SOCKET: listener.socket }, options).said;
      await listener.hears('STATUS', 20);
      expect(listener.heard).toEqual(Array.from({ length: 20 }, (_, number) => `STATUS=${number}`));
    });

    it('says once that nobody takes it, and harms nothing', async () => {
      const listener = await NotifyListener.at(join(testFolder(), 'notify'));
      await listener.end();
      const { problems, ...rest } = await speak('one by one', { NOTIFY_SOCKET: listener.socket }, options)
        .said;
      expect(rest).toEqual({ enabled: true, sender: way, left: [] });
      expect(problems).toEqual([expect.stringMatching(/^systemd could not be told: /)]);
    });

    it('keeps the watchdog quiet while it is well, and no longer', async () => {
      const listener = await NotifyListener.at(join(testFolder(), 'notify'));
      const speaker = speak('watchdog', { NOTIFY_SOCKET: listener.socket, WATCHDOG_USEC: '200000' }, options);
      await listener.hears('STATUS=well', 5);
      speaker.kill('SIGUSR2');
      await listener.hears('STATUS=ill', 5);
      const ill = listener.heard.indexOf('STATUS=ill');
      const beats = listener.heard.slice(0, ill).filter((line) => line === 'WATCHDOG=1');
      // One at once and two in each period: on a busy machine the second may wait behind the first.
      expect(beats.length).toBeGreaterThanOrEqual(4);
      expect(listener.heard.slice(ill)).not.toContain('WATCHDOG=1');
    });
  });

  it('is nothing where no systemd asks', async () => {
    expect(await speak('everything', {}).said).toEqual({
      enabled: false,
      sender: 'none',
      left: [],
      problems: [],
    });
  });

  it('cannot be told without a way to do so, which the log says once', async () => {
    const listener = await NotifyListener.at(join(testFolder(), 'notify'));
    const environment = { NOTIFY_SOCKET: listener.socket, PATH: testFolder() };
    const speech = await speak('everything', environment, hasFfi ? ['--no-experimental-ffi'] : []).said;
    expect(speech).toEqual({
      enabled: false,
      sender: 'none',
      left: [],
      problems: [
        expect.stringMatching(/^systemd waits to be told .* install systemd-notify, or run Node 26/),
      ],
    });
    expect(listener.heard).toEqual([]);
  });
});
