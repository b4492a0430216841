import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigProcess, configProgram, type Surroundings } from '../src/config/config-process.js';
import { testFolder } from '../src/config/folder.js';
import type { ConfigServiceOptions } from '../src/config/protocol.js';

/** `nobody`, on most systems; any user that is not root will do. */
const otherUser = 65_534;
/** Root may be somebody else; and somebody else may have no way to our code. */
const asOther =
  process.geteuid?.() === 0 &&
  spawnSync(process.execPath, ['--check', configProgram], { uid: otherUser }).status === 0;

const json = (n: number) => JSON.stringify({ n });

async function watching(
  options: ConfigServiceOptions,
  surroundings: Surroundings = {},
): Promise<ConfigProcess> {
  const service = await ConfigProcess.start({ debounceMs: 20, ...options }, surroundings);
  onTestFinished(() => service.destroy());
  return service;
}

/** A service with a good value, and the path of its file. */
async function atOne(options: ConfigServiceOptions = {}, surroundings: Surroundings = {}) {
  const path = join(testFolder(), 'config.json');
  writeFileSync(path, json(1));
  return { path, service: await watching({ path, ...options }, surroundings) };
}

/** What makes a file bad, and what is said of it. */
const faults: readonly [what: string, spoil: (path: string) => void, expected: object][] = [
  [
    'no JSON',
    (path) => writeFileSync(path, '{\n  "n": 2,\n  "padding": \n}'),
    { code: 'ERR_CONFIG_PARSE', line: 4, message: expect.stringContaining('at line 4, column 1, got "}"') },
  ],
  ['empty', (path) => writeFileSync(path, ''), { code: 'ERR_CONFIG_PARSE', line: 1 }],
  ['not text', (path) => writeFileSync(path, Buffer.of(0xff, 0xfe, 0x00)), { code: 'ERR_CONFIG_PARSE' }],
  [
    'not what the schema asks for',
    (path) => writeFileSync(path, '{\n  "n": "two",\n  "paddin": ""\n}'),
    {
      code: 'ERR_CONFIG_INVALID',
      message: expect.stringMatching(/got 2 issues: the whole \(line 1\): .+; n \(line 2\): /),
    },
  ],
  [
    'too big',
    (path) => writeFileSync(path, JSON.stringify({ n: 2, padding: 'x'.repeat(2_000) })),
    { code: 'ERR_CONFIG_TOO_LARGE' },
  ],
  ['gone', (path) => rmSync(path), { code: 'ERR_CONFIG_MISSING' }],
  [
    'gone, with its folder',
    (path) => rmSync(join(path, '..'), { recursive: true }),
    { code: 'ERR_CONFIG_MISSING' },
  ],
  [
    'a folder',
    (path) => {
      rmSync(path);
      mkdirSync(path);
    },
    { code: 'ERR_CONFIG_UNREADABLE', message: expect.stringContaining('got a directory') },
  ],
  [
    'a pipe that nobody writes to',
    (path) => {
      rmSync(path);
      execFileSync('mkfifo', [path]);
    },
    { code: 'ERR_CONFIG_UNREADABLE', message: expect.stringContaining('a pipe') },
  ],
];

describe('a file that turns bad', () => {
  it.each(faults)(
    'as it is %s: the last good value stays, it says why, and goes on when it is good again',
    async (_, spoil, expected) => {
      const { path, service } = await atOne({ maxBytes: 1_000 });

      spoil(path);
      expect(await service.until('rejected')).toMatchObject({ ...expected, revision: 1, inForce: 1 });
      expect(await service.until('log', ({ level }) => level === 'warn')).toMatchObject({
        message: expect.stringContaining('rejected, revision 1 stays in force'),
      });

      rmSync(path, { recursive: true, force: true });
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, json(2));
      expect(await service.changeTo(2)).toMatchObject({ revision: 2 });
      expect(service.stderr).toBe('');
    },
  );

  it('and stays so is told of once, and again when somebody asks', async () => {
    const { path, service } = await atOne();

    writeFileSync(path, 'bad');
    await service.until('rejected');
    const again = service.next('rejected');
    // Each is heard of, and is the same content as before.
    for (const _ of [1, 2, 3]) writeFileSync(path, 'bad');
    service.tell({ type: 'reload' });
    expect(await service.until('looked')).toMatchObject({ result: 'rejected', n: 1 });
    await again;

    writeFileSync(path, json(2));
    await service.changeTo(2);
    expect(service.of('rejected')).toHaveLength(2);
  });

  it('and good again with the value that is in force is said to be in order', async () => {
    const { path, service } = await atOne();

    writeFileSync(path, 'bad');
    await service.until('rejected');
    writeFileSync(path, json(1));

    await service.until('log', ({ message }) => message.endsWith('unchanged, revision 1 stays in force'));
    service.tell({ type: 'metrics' });
    expect((await service.until('metrics')).text).toContain(
      'graceful_config_rejected{config="config.json"} 0',
    );
    expect(service.of('change')).toEqual([]);
  });

  it('as it is half written is refused, should it stay so long enough, and taken when the rest has come', async () => {
    const { path, service } = await atOne();
    const text = JSON.stringify({ n: 2, padding: 'x'.repeat(500) });

    const file = openSync(path, 'w');
    onTestFinished(() => closeSync(file));
    writeSync(file, text.slice(0, 300));
    expect(await service.until('rejected')).toMatchObject({
      code: 'ERR_CONFIG_PARSE',
      message: expect.stringContaining('got the end of the file'),
      inForce: 1,
    });
    writeSync(file, text.slice(300));

    expect(await service.changeTo(2)).toMatchObject({ revision: 2 });
  });

  it.runIf(asOther)('as another user may not read it', async () => {
    const { path, service } = await atOne({}, { uid: otherUser });

    chmodSync(path, 0o600);
    expect(await service.until('rejected')).toMatchObject({
      code: 'ERR_CONFIG_UNREADABLE',
      message: expect.stringContaining(`got EACCES as user ${otherUser}`),
      inForce: 1,
    });
    writeFileSync(path, json(2));
    chmodSync(path, 0o644);
    await service.changeTo(2);
  });

  it.runIf(asOther)('as a folder above it may not be passed', async () => {
    const folder = join(testFolder(), 'secret');
    mkdirSync(folder);
    const path = join(folder, 'config.json');
    writeFileSync(path, json(1));
    const service = await watching({ path }, { uid: otherUser });

    chmodSync(folder, 0o700);
    expect(await service.until('rejected')).toMatchObject({ code: 'ERR_CONFIG_UNREADABLE', inForce: 1 });
    writeFileSync(path, json(2));
    chmodSync(folder, 0o755);
    await service.changeTo(2);
  });

  it.runIf(asOther)(
    'in a folder that may be passed and not listed: it is heard of all the same',
    async () => {
      const folder = join(testFolder(), 'unlisted');
      mkdirSync(folder);
      const path = join(folder, 'config.json');
      writeFileSync(path, json(1));
      chmodSync(folder, 0o711);
      const service = await watching({ path }, { uid: otherUser });

      writeFileSync(path, json(2));
      await service.changeTo(2);
    },
  );
});

describe('the first value', () => {
  it('that is bad is an error, which says where', async () => {
    const path = join(testFolder(), 'config.json');
    writeFileSync(path, '{"n": tru}');
    const service = new ConfigProcess({ path });
    onTestFinished(() => service.destroy());

    expect(await service.until('failed')).toMatchObject({
      code: 'ERR_CONFIG_PARSE',
      message: `ERR_CONFIG_PARSE: Expected a value in ${path} at line 1, column 7, got "t".`,
    });
    // Nothing is left that holds the event loop.
    expect(await service.exit()).toBe(0);
  });

  it('is waited for where that is asked for, through whatever comes before it', async () => {
    const folder = join(testFolder(), 'later');
    const path = join(folder, 'config.json');
    const service = new ConfigProcess({ path, debounceMs: 20, waitMs: 60_000 });
    onTestFinished(() => service.destroy());

    expect(await service.until('rejected')).toMatchObject({ code: 'ERR_CONFIG_MISSING', revision: 0 });
    mkdirSync(folder);
    const bad = service.next('rejected');
    writeFileSync(path, 'bad');
    expect(await bad).toMatchObject({ code: 'ERR_CONFIG_PARSE', revision: 0 });
    writeFileSync(path, json(7));

    expect(await service.until('ready')).toMatchObject({ value: { n: 7 } });
    expect(service.of('change')).toEqual([]);
  });

  it('is not waited for any longer than was asked for; the error is the last that there was', async () => {
    const path = join(testFolder(), 'config.json');
    const service = new ConfigProcess({ path, debounceMs: 5, waitMs: 1_000 });
    onTestFinished(() => service.destroy());

    await service.until('rejected');
    writeFileSync(path, 'bad');

    expect(await service.until('failed')).toMatchObject({ code: 'ERR_CONFIG_PARSE' });
    expect(await service.exit()).toBe(0);
  });
});

/** A user namespace has limits of its own for inotify (namespaces(7), /proc/sys/user). */
function limited(limit: 'instances' | 'watches'): Surroundings['wrap'] {
  return (command) => [
    'unshare',
    '--user',
    '--map-root-user',
    'sh',
    '-c',
    `echo ${limit === 'instances' ? 0 : 1} > /proc/sys/user/max_inotify_${limit} && exec "$@"`,
    'sh',
    ...command,
  ];
}

const canLimit =
  spawnSync('unshare', [
    '--user',
    '--map-root-user',
    'sh',
    '-c',
    'echo 0 > /proc/sys/user/max_inotify_instances',
  ]).status === 0;

if (!asOther) {
  console.warn('NOT RUN: files of another user. Only root can try that, where others may read this folder.');
}
if (!canLimit) {
  console.warn('NOT RUN: a system without inotify watches. That wants user namespaces (`unshare`).');
}

describe('where the system gives', () => {
  it.runIf(canLimit).each([
    ['instances', 'fs.inotify.max_user_instances'],
    ['watches', 'fs.inotify.max_user_watches'],
  ] as const)('no inotify %s, it polls, and says so', async (limit, setting) => {
    const wrap = limited(limit);
    const { path, service } = await atOne({ pollMs: 50 }, wrap ? { wrap } : {});

    expect(await service.until('ready')).toMatchObject({ noticedBy: 'polling' });
    const notices = () => service.of('log').filter(({ level }) => level === 'warn');
    expect(notices()).toMatchObject([{ message: expect.stringContaining(setting) }]);
    for (const n of [2, 3]) {
      writeFileSync(`${path}.tmp`, json(n));
      renameSync(`${path}.tmp`, path);
      await service.changeTo(n);
    }
    expect(notices(), 'said once').toHaveLength(1);
  });
});
