import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Connection } from '@graceful/conformance/client';
import { type Family, program, testNode, withFamily } from '../src/handover/family.js';

/** How generation 2 was started. */
async function begunAnew(family: Family) {
  expect(await family.tell({ do: 'upgrade' })).toMatchObject({ result: 'success' });
  expect(await family.exited).toMatchObject({ code: 0 });
  return family.until('begun', { generation: 2 });
}

describe.concurrent('the next generation is started as this one was', () => {
  it('with the same words, empty ones too, and the same options of Node', () =>
    withFamily(
      {},
      async (family) => {
        const { argv, execArgv } = await begunAnew(family);
        expect(argv.slice(2)).toEqual(['', '--a=b c', '*']);
        expect(execArgv).toEqual(['--stack-trace-limit=20', '--no-warnings']);
      },
      { command: [testNode, '--stack-trace-limit=20', '--no-warnings', program, '', '--a=b c', '*'] },
    ));

  it('with the environment of the start, whatever the app has changed, and without what describes one process', () =>
    withFamily(
      { options: { environment: { ADDED: 'yes' } }, dropped: ['DROPPED'] },
      async (family) => {
        await family.tell({ do: 'change environment', set: { KEPT: 'changed', NEW: 'by the app' } });
        const { environment } = await begunAnew(family);
        expect(environment).toMatchObject({
          KEPT: 'as it was',
          EMPTY: '',
          ADDED: 'yes',
          NODE_OPTIONS: '--no-deprecation',
          LISTEN_PID: String((await family.until('ready', { generation: 2 })).pid),
        });
        for (const name of ['NEW', 'DROPPED', 'WATCH_REPORT_DEPENDENCIES', 'NODE_CHANNEL_FD'])
          expect(environment).not.toHaveProperty(name);
      },
      {
        environment: {
          KEPT: 'as it was',
          EMPTY: '',
          DROPPED: 'no',
          NODE_OPTIONS: '--no-deprecation --inspect=127.0.0.1:0',
          WATCH_REPORT_DEPENDENCIES: '1',
        },
      },
    ));

  it('in the folder of the start, wherever the app has gone', () =>
    withFamily(
      {},
      async (family) => {
        await family.tell({ do: 'change folder', to: '/' });
        expect((await begunAnew(family)).cwd).toBe(family.folder);
      },
      (folder) => ({ cwd: folder, environment: { PWD: folder } }),
    ));

  it('from the release that a symlink leads to now: folder and script', () =>
    withFamily(
      {},
      async (family) => {
        const current = family.path('current');
        rmSync(current);
        symlinkSync('2', current);
        const { cwd, argv } = await begunAnew(family);
        expect(cwd).toBe(family.path('2'));
        expect(argv[1]).toBe(family.path('current/server.mjs'));
        for (const name of ['1', '2', 'current']) rmSync(family.path(name), { recursive: true });
      },
      (folder) => {
        for (const name of ['1', '2']) release(folder, name);
        symlinkSync('1', join(folder, 'current'));
        const current = join(folder, 'current');
        return { command: [testNode, 'server.mjs'], cwd: current, environment: { PWD: current } };
      },
    ));

  it('from the release that a symlink leads to now, though the one before has been deleted', () =>
    withFamily(
      {},
      async (family) => {
        const current = family.path('current');
        rmSync(current);
        symlinkSync('2', current);
        rmSync(family.path('1'), { recursive: true });
        expect((await begunAnew(family)).cwd).toBe(family.path('2'));
        for (const name of ['2', 'current']) rmSync(family.path(name), { recursive: true });
      },
      (folder) => {
        for (const name of ['1', '2']) release(folder, name);
        symlinkSync('1', join(folder, 'current'));
        const current = join(folder, 'current');
        return {
          command: [testNode, join(current, 'server.mjs')],
          cwd: current,
          environment: { PWD: current },
        };
      },
    ));

  it('by the Node that a path leads to now', () =>
    withFamily(
      {},
      async (family) => {
        const { argv } = await begunAnew(family);
        expect(argv.at(-1)).toBe('by another node');
        rmSync(family.path('bin'), { recursive: true });
      },
      (folder) => {
        mkdirSync(join(folder, 'bin'));
        symlinkSync(testNode, join(folder, 'bin/node'));
        // Switched at once: what runs already is not touched.
        const other = join(folder, 'bin/other');
        writeFileSync(other, `#!/bin/sh\nexec ${testNode} "$@" 'by another node'\n`);
        chmodSync(other, 0o755);
        return {
          command: [
            'sh',
            '-c',
            `PATH=${join(folder, 'bin')}:$PATH; (sleep 0.3; mv ${other} ${join(folder, 'bin/node')}) & exec node ${program}`,
          ],
        };
      },
    ));
});

describe.concurrent('a generation', () => {
  it('leaks none of its descriptors and variables to the programs that the app starts', () =>
    withFamily({}, async (family) => {
      const first = await family.tell<{ descriptors: string[] }>({ do: 'start a program' });
      await begunAnew(family);
      const { pid } = await family.until('ready', { generation: 2 });
      const { descriptors, variables } = await family.tell<{ descriptors: string[]; variables: string[] }>(
        { do: 'start a program' },
        pid,
      );
      expect(descriptors).toEqual(first.descriptors);
      expect(variables.filter((each) => /^(GRACEFUL_|LISTEN_)/.test(each))).toEqual([]);
    }));

  it('is replaced though nobody reads what it writes any more', () =>
    withFamily({}, async (family) => {
      const address = family.address();
      const pidBefore = family.pid;
      family.closeOutput();
      process.kill(pidBefore, 'SIGUSR2');
      await family.gone(pidBefore);
      const { pid, generation } = await family.ask('/', address);
      expect(generation).toBe(2);
      process.kill(pid, 'SIGTERM');
      await family.gone(pid);
    }));

  it('starts cold, and serves, when a stranger’s variables have come along to it', () =>
    withFamily(
      {},
      async (family) => {
        expect((await family.until('ready')).parent).toBe('none');
        expect(await family.tell({ do: 'upgrade' })).toMatchObject({ result: 'success' });
        expect((await family.until('ready', ({ parent }) => parent === 'process')).parent).toBe('process');
        expect(await family.exited).toMatchObject({ code: 0 });
      },
      {
        environment: {
          GRACEFUL_PROTOCOL: '1',
          GRACEFUL_TOKEN: 'ab',
          GRACEFUL_GENERATION: '1',
          GRACEFUL_PARENT: '1',
          GRACEFUL_FORM: 'process',
          GRACEFUL_CHANNEL: '3',
          GRACEFUL_SOCKETS: '[{"name":"http","fd":4}]',
          LISTEN_FDS: '1',
          LISTEN_PID: '1',
        },
      },
    ));

  it.each([
    ['GRACEFUL_CHANNEL', 'three', /Expected GRACEFUL_CHANNEL to be a whole number from 3, got \\?"three/],
    ['GRACEFUL_CHANNEL', '77', /Expected descriptor 77 to be the channel that GRACEFUL_CHANNEL names, got /],
    ['GRACEFUL_SOCKETS', 'none', /Expected GRACEFUL_SOCKETS to be a JSON array, got \\?"none/],
    ['GRACEFUL_FORM', '', /Expected GRACEFUL_FORM to be set, got /],
  ])(
    'with a broken %s, "%s", ends with an error that says so, and the old one serves on',
    (name, value, message) =>
      withFamily(
        (folder) => ({ options: { command: [wrapper(folder, `export ${name}='${value}'`), program] } }),
        async (family) => {
          expect(await family.tell({ do: 'upgrade' })).toMatchObject({
            result: 'failed',
            code: 'exit',
            stage: 'start',
          });
          expect(family.story).toMatch(message);
          expect((await family.ask()).pid).toBe(family.pid);
          rmSync(family.path('wrapper'));
        },
      ),
  );

  it.each([
    [
      'LISTEN_FDS=9 LISTEN_FDNAMES=',
      /descriptor \d+, of which LISTEN_FDS speaks, to be a socket, got (EBADF|something else)/,
    ],
    ['LISTEN_FDS=NaN', /LISTEN_FDS to be .*got \\?"NaN/],
    ['LISTEN_FDNAMES=a:b:c', /got 3 in \\?"a:b:c/],
  ])('with a broken %s ends with an error that says so, and the old one serves on', (assignment, message) =>
    withFamily(
      (folder) => ({ options: { command: [wrapper(folder, `export ${assignment}`), program] } }),
      async (family) => {
        expect(await family.tell({ do: 'upgrade' })).toMatchObject({ result: 'failed' });
        expect(family.story).toMatch(message);
        expect((await family.ask()).pid).toBe(family.pid);
        rmSync(family.path('wrapper'));
      },
    ),
  );

  it('behind a wrapper that forks joins where the operator says that it may', () =>
    withFamily(
      (folder) => ({
        options: {
          command: [wrapper(folder, `${testNode} "$@"; exit $?`), program],
          environment: { GRACEFUL_PARENT_CHECK: '0' },
        },
      }),
      async (family) => {
        const idle = await Connection.open(family.address());
        expect(await family.tell({ do: 'upgrade' })).toMatchObject({ result: 'success' });
        expect(await family.exited).toMatchObject({ code: 0 });
        expect((await family.ask()).generation).toBe(2);
        idle.destroy();
        rmSync(family.path('wrapper'));
      },
    ));

  it('of another kind, which knows nothing of all this but a socket at descriptor 3 and a line for "ready", takes over', () =>
    withFamily({ generations: { 2: { before: 'serves without the protocol' } } }, async (family) => {
      expect(await family.tell({ do: 'upgrade' })).toMatchObject({ result: 'success' });
      expect(await family.exited).toMatchObject({ code: 0 });
      const { pid, generation } = await family.ask();
      expect(generation).toBe(2);
      process.kill(pid, 'SIGTERM');
      await family.gone(pid);
    }));
});

function release(folder: string, name: string): void {
  mkdirSync(join(folder, name));
  writeFileSync(
    join(folder, name, 'server.mjs'),
    `await import(${JSON.stringify(pathToFileURL(program).href)});\n`,
  );
}

/** A shell script between the generations. */
function wrapper(folder: string, does: string): string {
  const path = join(folder, 'wrapper');
  writeFileSync(path, `#!/bin/sh\n${does}\nexec ${testNode} "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}
