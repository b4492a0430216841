import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { UpgradeOutcome } from '@graceful/handover';
import type { BeforeLoading, WhileStarting } from '../src/handover/config.js';
import { type Family, program, testNode, withFamily } from '../src/handover/family.js';
import { isAlive } from '../src/handover/kin.js';

/** The old one serves as before, and can be replaced: nothing of the failure is left. */
async function unharmed(family: Family, generation: number): Promise<void> {
  expect(await family.ask()).toMatchObject({ pid: family.pid, generation: 1 });
  const others = family.all('begun').filter(({ pid }) => pid !== family.pid);
  for (const { pid } of others) expect(isAlive(pid), `process ${pid} lives`).toBe(false);
  expect(await family.tell({ do: 'upgrade' })).toMatchObject({ result: 'success', generation });
  expect((await family.until('ready', { generation })).parent).toBe('process');
  expect(await family.exited).toEqual({ code: 0, signal: null });
  expect((await family.ask()).generation).toBe(generation);
}

const upgrade = (family: Family) => family.tell<UpgradeOutcome>({ do: 'upgrade' });

const before: readonly [BeforeLoading, Partial<Record<'stage' | 'code', string>>, RegExp][] = [
  ['exits with 0', { stage: 'start', code: 'exit' }, /exited with code 0/],
  ['exits with 3', { stage: 'start', code: 'exit' }, /exited with code 3/],
  ['is killed', { stage: 'start', code: 'exit' }, /exited by SIGKILL/],
  ['says garbage', { stage: 'start', code: 'protocol' }, /expected a JSON object/],
  ['says a line of 100 KB', { stage: 'start', code: 'protocol' }, /a line of more than 65536 bytes/],
  ['says ready first', { stage: 'start', code: 'protocol' }, /expected "hello" first, got "ready"/],
  ['says hello twice', { stage: 'start', code: 'protocol' }, /"hello" in the state "hello"/],
  ['says prepared twice', { code: 'protocol' }, /"prepared" in the state "(prepared|going)"/],
  [
    'says ready before it was told to listen',
    { stage: 'start', code: 'protocol' },
    /"ready" in the state "hello"/,
  ],
  [
    'speaks version 99',
    { stage: 'start', code: 'version' },
    /version 99 of the protocol, and this process version 1/,
  ],
  ['says the token of another', { stage: 'start', code: 'protocol' }, /token/],
  ['says fatal', { stage: 'start', code: 'fatal' }, /the licence has expired/],
];

const starting: readonly [WhileStarting, Partial<Record<'stage' | 'code', string>>, RegExp][] = [
  ['exits when it listens', { stage: 'handover', code: 'exit' }, /exited with code 7/],
  ['is killed when it is ready', { code: 'exit' }, /exited by SIGKILL/],
  ['exits with 0 when it is ready', { code: 'exit' }, /exited with code 0/],
  ['is told to stop when it is ready', { code: 'fatal' }, /it was told to stop/],
];

describe.concurrent('a new generation that fails is given up, and the old one serves on', () => {
  it.each(before)('when it %s', (how, failure, message) =>
    withFamily({ generations: { 2: { before: how } } }, async (family) => {
      const outcome = await upgrade(family);
      expect(outcome).toMatchObject({ result: 'failed', generation: 2, ...failure });
      expect('message' in outcome && outcome.message).toMatch(message);
      await unharmed(family, 3);
    }),
  );

  it.each(starting)('when it %s', (how, failure, message) =>
    withFamily({ generations: { 2: { starting: how } }, options: { overlapMs: 2_000 } }, async (family) => {
      const outcome = await upgrade(family);
      expect(outcome).toMatchObject({ result: 'failed', generation: 2, ...failure });
      expect('message' in outcome && outcome.message).toMatch(message);
      expect((await family.ask()).pid).toBe(family.pid);
      family.signal('SIGTERM');
      expect(await family.exited).toMatchObject({ code: 0 });
    }),
  );

  it('when it crashes inside the overlap, after both have served', () =>
    withFamily(
      (folder) => ({ options: { overlapMs: 60_000, pidFile: `${folder}/pid` } }),
      async (family) => {
        family.signal('SIGUSR2');
        await family.until('stage', { stage: 'healthcheck' });
        const { pid } = await family.until('ready', { generation: 2 });
        // Whoever accepts: both do.
        expect([1, 2]).toContain((await family.ask()).generation);
        family.signal('SIGKILL', pid);
        expect(await family.outcome(2)).toMatchObject({ code: 'exit', failedIn: 'healthcheck' });
        expect((await family.ask()).pid).toBe(family.pid);
        expect(family.pidFile()).toBe(family.pid);
      },
    ));

  it('when it is never ready: SIGTERM, which it obeys', () =>
    withFamily(
      {
        generations: { 2: { starting: 'has a check that never passes' } },
        options: { readyMs: 3_000, terminateMs: 20_000 },
      },
      async (family) => {
        const outcome = await upgrade(family);
        expect(outcome).toMatchObject({ result: 'failed', stage: 'start', code: 'timeout' });
        // Long before SIGKILL.
        for (const { pid, generation } of family.all('begun')) expect(isAlive(pid)).toBe(generation === 1);
      },
    ));

  it('when it is never ready and deaf to SIGTERM: SIGKILL', () =>
    withFamily(
      {
        generations: { 2: { before: 'says nothing, deaf to SIGTERM' } },
        options: { readyMs: 1_500, terminateMs: 300 },
      },
      async (family) => {
        const outcome = await upgrade(family);
        expect(outcome).toMatchObject({ result: 'failed', stage: 'start', code: 'timeout' });
        expect(family.all('exit')).toEqual([]);
        for (const { pid, generation } of family.all('begun')) expect(isAlive(pid)).toBe(generation === 1);
        expect((await family.ask()).pid).toBe(family.pid);
      },
    ));

  it('when it is stopped and hears nothing at all: SIGKILL', () =>
    withFamily(
      { generations: { 2: { halt: 'before loading' } }, options: { readyMs: 1_500, terminateMs: 300 } },
      async (family) => {
        expect(await upgrade(family)).toMatchObject({ result: 'failed', code: 'timeout' });
        for (const { pid } of family.all('halted')) expect(isAlive(pid)).toBe(false);
        expect((await family.ask()).pid).toBe(family.pid);
      },
    ));

  it('when it does not listen in time after it was told to', () =>
    withFamily(
      { generations: { 2: { starting: 'hangs when it is ready to listen' } }, options: { listenMs: 500 } },
      async (family) => {
        expect(await upgrade(family)).toMatchObject({ result: 'failed', stage: 'handover', code: 'timeout' });
        await unharmed(family, 3);
      },
    ));

  it('when it exits, though a process of its own holds the channel: decided on the exit', () =>
    withFamily(
      { generations: { 2: { before: 'exits, a process of its own holds the channel' } } },
      async (family) => {
        const outcome = await upgrade(family);
        expect(outcome).toMatchObject({ result: 'failed', code: 'exit' });
        // Only the grandchild is left, and it has the channel.
        expect(family.kin.length, 'the grandchild still lives').toBe(2);
      },
    ));

  it('but for one that needs longer and says so', () =>
    withFamily(
      {
        generations: { 2: { loadsForMs: 9_000, starting: 'asks for more time' } },
        options: { readyMs: 8_000 },
      },
      async (family) => {
        expect(await upgrade(family)).toMatchObject({ result: 'success' });
        expect(await family.exited).toMatchObject({ code: 0 });
      },
    ));

  it('and one that says what nobody knows here is not given up: it may be newer', () =>
    withFamily(
      { generations: { 2: { before: 'says what nobody knows, and then starts' } } },
      async (family) => {
        expect(await upgrade(family)).toMatchObject({ result: 'success' });
        expect(family.all('log').map(({ message }) => message)).toContain(
          'generation 2: it said "greetings", which nobody here knows',
        );
        expect(await family.exited).toMatchObject({ code: 0 });
      },
    ));
});

describe.concurrent('what cannot be started', () => {
  it('is told by its name, and can be once it is there: a program', () =>
    withFamily(
      (folder) => ({ options: { command: [`${folder}/node`, program] } }),
      async (family) => {
        const path = family.path('node');
        const missing = {
          result: 'failed',
          stage: 'precheck',
          code: 'precheck',
          message: expect.stringContaining(path),
        };
        expect(await upgrade(family)).toMatchObject(missing);
        writeFileSync(path, `#!/bin/sh\nexec ${testNode} "$@"\n`);
        // EACCES.
        expect(await upgrade(family)).toMatchObject(missing);
        chmodSync(path, 0o755);
        await unharmed(family, 4);
        rmSync(path);
      },
    ));

  it('is told by its name, and can be once it is there: the script', () =>
    withFamily(
      {},
      async (family) => {
        const path = family.path('app/server.mjs');
        renameSync(path, `${path}.away`);
        expect(await upgrade(family)).toMatchObject({
          result: 'failed',
          code: 'precheck',
          message: `the script ${path} does not exist`,
        });
        renameSync(`${path}.away`, path);
        await unharmed(family, 3);
        rmSync(family.path('app'), { recursive: true });
      },
      (folder) => ({ command: [testNode, installed(folder)] }),
    ));

  it('is told by its name, and can be once it is there: the folder to start in', () =>
    withFamily(
      {},
      async (family) => {
        const cwd = family.path('app');
        renameSync(cwd, `${cwd}.away`);
        expect(await upgrade(family)).toMatchObject({
          result: 'failed',
          code: 'precheck',
          message: expect.stringContaining(`the folder ${cwd} to start in does not exist`),
        });
        renameSync(`${cwd}.away`, cwd);
        await unharmed(family, 3);
        rmSync(cwd, { recursive: true });
      },
      (folder) => ({ command: [testNode, installed(folder)], cwd: join(folder, 'app') }),
    ));

  it('releases the lock: more arguments than the system takes (E2BIG)', () =>
    withFamily({ environmentBytes: 200_000 }, async (family) => {
      for (const generation of [2, 3]) {
        expect(await upgrade(family)).toMatchObject({
          result: 'failed',
          generation,
          code: 'spawn',
          message: expect.stringContaining('E2BIG'),
        });
      }
      expect((await family.ask()).pid).toBe(family.pid);
    }));

  it('releases the lock: no descriptors left (EMFILE)', () =>
    withFamily(
      {},
      async (family) => {
        expect(await family.tell({ do: 'exhaust' })).toBe('EMFILE');
        expect(await upgrade(family)).toMatchObject({ result: 'failed', code: 'spawn' });
        await family.tell({ do: 'relent' });
        await unharmed(family, 3);
      },
      { command: ['sh', '-c', `ulimit -n 80; exec ${testNode} ${program}`] },
    ));

  it('is seen before anything moves where the new version can be tried out', () =>
    withFamily(
      { options: { checkMs: 20_000 } },
      async (family) => {
        const path = family.path('app/server.mjs');
        copyFileSync(path, `${path}.good`);
        writeFileSync(path, 'this is no JavaScript');
        expect(await upgrade(family)).toMatchObject({
          result: 'failed',
          stage: 'precheck',
          message: expect.stringContaining('the check of the new version exited with code 1'),
        });
        renameSync(`${path}.good`, path);
        await unharmed(family, 3);
        rmSync(family.path('app'), { recursive: true });
      },
      (folder) => ({ command: [testNode, installed(folder)] }),
    ));

  it('is given up where trying it out takes too long', () =>
    withFamily({ options: { checkMs: 20 } }, async (family) => {
      expect(await upgrade(family)).toMatchObject({
        result: 'failed',
        stage: 'precheck',
        message: expect.stringContaining('was not done in 20 ms'),
      });
    }));
});

/** The service as it is installed by an operator, in a folder of its own; obeys `GRACEFUL_CHECK`. */
function installed(folder: string): string {
  const app = join(folder, 'app');
  mkdirSync(app);
  const script = join(app, 'server.mjs');
  writeFileSync(
    script,
    `if (process.env.GRACEFUL_CHECK === '1') process.exit(0);\nawait import(${JSON.stringify(pathToFileURL(program).href)});\n`,
  );
  return script;
}
