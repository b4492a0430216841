import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CompanionControl } from '@graceful/companion/control';
import { start, testFolder } from '../src/command-line/place.js';
import { graceful, Program } from '../src/command-line/program.js';
import { canMakePidNamespace, childOf, inPidNamespace } from '../src/harness/pid-namespace.js';

const member = fileURLToPath(new URL('../dist/command-line/pod-member.js', import.meta.url));
const possible = canMakePidNamespace();

if (!possible) {
  console.warn(
    'NOT RUN: the companion as PID 1. `unshare --pid` is not permitted here; REQUIRE_PID_NAMESPACE=1 makes this a failure.',
  );
}

/** A companion of `graceful companion`, and whoever is in its pod. */
class TestPod {
  readonly program: Program;
  readonly env: Readonly<Record<string, string>>;
  readonly control: CompanionControl;

  static async start(
    options: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<TestPod> {
    const pod = new TestPod(join(testFolder(), 'run', 'control.sock'), options, env);
    await pod.program.prints(/companion listens on /);
    return pod;
  }

  private constructor(socket: string, options: readonly string[], env: Readonly<Record<string, string>>) {
    this.env = { GRACEFUL_COMPANION: socket, ...env };
    const args = ['companion', '--kubelet', '127.0.0.1:0', '--no-termination-log', ...options];
    this.program = start(args, { env: this.env });
    this.control = new CompanionControl({ socket });
  }

  get socket(): string {
    return this.control.socket;
  }

  /** A service that has registered, and is ready. */
  async joinedBy(name: string, ...manner: string[]): Promise<Program> {
    const node = process.env['GRACEFUL_TEST_NODE'] ?? process.execPath;
    const service = Program.of([node, member, name, ...manner], { env: this.env });
    onTestFinished(async () => {
      service.child.kill('SIGKILL');
      await service.ended();
    });
    expect(await this.control.reached('ready', 30_000, name)).toBe(true);
    return service;
  }

  /** A command for it. */
  tell(...args: string[]) {
    return graceful(['companion', ...args], { env: this.env });
  }
}

describe('graceful companion', () => {
  it('accompanies a service from its start to its end, and leaves its receipt', async () => {
    const receipts = join(testFolder(), 'receipts.ndjson');
    const pod = await TestPod.start([
      '--expect',
      'orders',
      '--receipts-file',
      receipts,
      '--pod-name',
      'orders-7d9c5',
    ]);
    expect((statSync(dirname(pod.socket)).mode & 0o7777).toString(8)).toBe('750');
    const service = await pod.joinedBy('orders');
    expect((await pod.tell('state')).out).toMatch(
      /^pod: running\n {2}orders: ready, process \d+, 0 in flight/,
    );
    service.child.kill('SIGTERM');
    expect(await service.ended()).toMatchObject({ code: 0 });
    pod.program.child.kill('SIGTERM');
    const { code, out } = await pod.program.ended();
    expect(code).toBe(0);
    // In its log, and in the file, the same.
    const found = JSON.parse(readFileSync(receipts, 'utf8')) as object;
    expect(found).toMatchObject({
      name: 'orders',
      pod: 'orders-7d9c5',
      verdict: 'clean',
      exit: { how: 'bye' },
    });
    expect(
      out
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([found]);
    expect(await graceful(['receipts', receipts, '--instances', '1'])).toMatchObject({ code: 0 });
    expect(existsSync(pod.socket)).toBe(false);
  });

  it('takes its options from the environment as well; what is typed counts first', async () => {
    const pod = await TestPod.start(['--metrics', '127.0.0.1:0'], {
      GRACEFUL_COMPANION_EXPECT: 'nginx:80 orders:3000+3001,after=nginx,container=app',
      GRACEFUL_COMPANION_METRICS: 'nowhere',
      GRACEFUL_COMPANION_GRACE_MS: '45000',
      POD_NAME: 'orders-7d9c5',
      POD_UID: '0b7e4a57',
    });
    expect(await pod.control.state()).toMatchObject({
      companion: { pod: 'orders-7d9c5', podUid: '0b7e4a57' },
      instances: [
        { name: 'nginx', container: 'nginx', state: 'expected', ports: [80] },
        { name: 'orders', container: 'app', state: 'expected', ports: [3_000, 3_001], after: ['nginx'] },
      ],
    });
    await pod.control.drain({ reason: 'operator' });
    const { drains } = await pod.control.state();
    expect(drains[0]?.remainingMs).toBeGreaterThan(40_000);
  });

  it('logs a line each, or JSON', async () => {
    const plain = await TestPod.start();
    await plain.program.prints(/^graceful: companion listens on /m);
    const json = await TestPod.start(['--json']);
    const [line] = await json.program.prints(/^\{.*companion listens on .*\}$/m);
    expect(JSON.parse(line)).toMatchObject({ level: 'info', socket: json.socket, epoch: 1 });
  });

  it.each([
    [['--grace-ms', '30s'], 'Expected a number of milliseconds from 0 to 2147483647, got "30s".'],
    [['--grace-ms', '0'], 'Expected `graceMs` to be more than 0'],
    [['--expect', 'orders:http'], 'Expected name[:port[+port]]'],
    [['--expect', 'a,after=b'], '`after` of a in `expect` to name others of it (a), got "b"'],
    [['--expect', 'a,after=b', '--expect', 'b,after=a'], '`after` in `expect` to make no circle'],
    [
      ['--hold-min-ms', '5000', '--hold-max-ms', '4000'],
      '`hold.minMs` to be at most `hold.maxMs` (4000), got 5000',
    ],
    [['--kubelet', 'all'], 'Expected 9464, 127.0.0.1:9464 or [::1]:9464, got "all".'],
    [['--socket', ''], 'Expected the path of a socket, got "".'],
    [['--socket-group', 'www-data'], 'Expected the number of a group, such as 1000, got "www-data".'],
    [['pretsop'], ''],
  ])('ends with 2 where an option is wrong: %j', async (args, message) => {
    const socket = join(testFolder(), 'control.sock');
    const { code, out, err } = await graceful(['companion', '--socket', socket, ...args]);
    expect(err).toContain(message);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  it('ends with 2 where another companion has the socket, which goes on', async () => {
    const pod = await TestPod.start();
    expect(await pod.tell('--kubelet', '127.0.0.1:0')).toMatchObject({ code: 2, out: '' });
    expect(await pod.control.state()).toMatchObject({ pod: 'running' });
  });

  it.runIf(possible)('hears of SIGTERM as PID 1', async () => {
    const program = start(
      ['companion', '--socket', join(testFolder(), 'c.sock'), '--kubelet', '127.0.0.1:0'],
      {
        through: inPidNamespace,
      },
    );
    await program.prints(/companion listens on /);
    process.kill(childOf(program.pid), 'SIGTERM');
    expect(await program.ended()).toMatchObject({ code: 0 });
  });
});

describe('graceful companion prestop', () => {
  it('marks that the pod ends, and returns', async () => {
    const pod = await TestPod.start();
    await pod.joinedBy('orders');
    expect(await pod.tell('prestop')).toEqual({
      code: 0,
      signal: null,
      out: 'prestop: the companion knows that the pod ends\n',
      err: '',
    });
    expect(await pod.control.state()).toMatchObject({ pod: 'terminating', drains: [{ reason: 'pod' }] });
  });

  it('ends with 0 where nobody is there, or nobody answers, and says so', async () => {
    const nowhere = join(testFolder(), 'c.sock');
    expect(await graceful(['companion', 'prestop', '--socket', nowhere])).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringMatching(/^prestop: nothing is marked, .*ERR_COMPANION_NOBODY.*\(ENOENT\)/),
    });
    const silent = join(testFolder(), 's.sock');
    const server = createServer((socket) => socket.resume()).listen(silent);
    onTestFinished(() => void server.close());
    const began = performance.now();
    expect(await graceful(['companion', 'prestop', '--socket', silent])).toMatchObject({
      code: 0,
      err: expect.stringContaining('ERR_COMPANION_LOST'),
    });
    // A hook that hangs would hold up the end of the pod.
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

describe('graceful companion state', () => {
  it('tells people, and programs', async () => {
    const pod = await TestPod.start(['--expect', 'orders:3000,container=app']);
    expect(await pod.tell('state')).toMatchObject({
      code: 0,
      out: 'pod: running\n  orders (container app): expected, no stream\n',
      err: '',
    });
    const { code, out } = await pod.tell('state', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ pod: 'running', epoch: 1, instances: [{ name: 'orders' }] });
  });

  it('ends with 3 where nobody is there, or somebody else', async () => {
    const nowhere = join(testFolder(), 'c.sock');
    expect(await graceful(['companion', 'state', '--socket', nowhere])).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringContaining(
        `state: nobody there: Expected a companion at ${nowhere}, got nobody (ENOENT).`,
      ),
    });
    const other = join(testFolder(), 'o.sock');
    const server = createServer((socket) => socket.end('220 smtp\r\n')).listen(other);
    onTestFinished(() => void server.close());
    const { code, out } = await graceful(['companion', 'state', '--json', '--socket', other]);
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ done: 'nobody', code: 'ERR_COMPANION_ANSWER' });
    const file = join(testFolder(), 'file');
    writeFileSync(file, '');
    expect(await graceful(['companion', 'state', '--socket', file])).toMatchObject({ code: 3 });
  });
});

describe('graceful companion drain', () => {
  it('has them leave, and with --wait is there until they have', async () => {
    const pod = await TestPod.start();
    const [orders, cart] = [await pod.joinedBy('orders'), await pod.joinedBy('cart')];
    expect(await pod.tell('drain', '--of', 'cart', '--wait')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^drain: cart has left after \d/),
      err: '',
    });
    expect(await cart.ended()).toMatchObject({ code: 0 });
    expect(orders.child.exitCode).toBeNull();
    expect(await pod.tell('drain')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^drain: the pod has been told to leave after \d/),
    });
    expect(await orders.ended()).toMatchObject({ code: 0 });
  });

  it('waits for nobody where nobody is', async () => {
    const pod = await TestPod.start(['--expect', 'orders']);
    expect(await pod.tell('drain', '--wait')).toMatchObject({ code: 0 });
    expect(await pod.tell('drain', '--wait', '--of', 'orders')).toMatchObject({ code: 0 });
  });

  it('ends with 1 when one is still there at its deadline, and tells programs', async () => {
    const pod = await TestPod.start();
    await pod.joinedBy('orders', 'stubborn');
    const { code, out } = await pod.tell('drain', '--within', '500ms', '--wait', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      done: 'failed',
      id: expect.any(String),
      instances: [{ name: 'orders', verdict: 'forced' }],
    });
  });

  it('goes on when nobody watches any more', async () => {
    const pod = await TestPod.start();
    await pod.joinedBy('orders', 'stubborn');
    const watcher = start(['companion', 'drain', '--wait'], { env: pod.env });
    expect(await pod.control.reached('lame-duck', 30_000, 'orders')).toBe(true);
    watcher.child.kill('SIGINT');
    expect(await watcher.ended()).toMatchObject({
      code: 130,
      err: expect.stringContaining('goes on leaving'),
    });
    expect(await pod.control.state()).toMatchObject({ drains: [{ reason: 'operator' }] });
  });

  it('ends with 2 where it is not asked in order, and with 3 where nobody is there', async () => {
    const { code, err } = await graceful(['companion', 'drain', '--reason', 'mood']);
    expect(code).toBe(2);
    expect(err).toContain('Allowed choices are pod, self, operator');
    const pod = await TestPod.start();
    expect(await pod.tell('drain', '--of', '../etc')).toMatchObject({
      code: 2,
      err: expect.stringContaining('drain refused (ERR_COMPANION_REFUSED)'),
    });
    expect(await graceful(['companion', 'drain', '--socket', join(testFolder(), 'c.sock')])).toMatchObject({
      code: 3,
    });
  });
});
