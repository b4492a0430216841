import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Halt } from '../src/handover/config.js';
import { type Family, withFamily } from '../src/handover/family.js';

const config = (folder: string, halt?: Halt) => ({
  listeners: [
    { name: 'http', port: 0 },
    { name: 'admin', path: `${folder}/admin.sock` },
  ],
  options: { pidFile: `${folder}/pid`, overlapMs: 60_000 },
  state: {},
  ...(halt && { generations: { 2: { halt } } }),
});

/** Generation 2 has taken over: it serves everywhere, is the one in the pid file, and can be replaced itself. */
async function tookOver(family: Family): Promise<void> {
  const before = await family.until('ready', { generation: 1 });
  const { pid, addresses } = await family.until('ready', { generation: 2 });
  expect(addresses).toEqual(before.addresses);
  for (const name of ['http', 'admin']) expect((await family.ask('/', family.address(name))).pid).toBe(pid);
  expect(await family.tell({ do: 'states' }, pid)).toMatchObject({
    state: 'ready',
    parent: expect.stringMatching(/gone|none/),
  });
  await family.pidFileNames(pid);
}

describe.concurrent('the old generation is killed', () => {
  it.each(['before loading', 'before listen()', 'listening', 'ready'] as const)(
    'while the new one is %s: that takes over, with all sockets and the pid file, and is the only one',
    (halt) =>
      withFamily(
        (folder) => config(folder, halt),
        async (family) => {
          family.signal('SIGUSR2');
          const { pid } = await family.until('halted');
          family.signal('SIGKILL');
          await family.gone(family.pid);
          process.kill(pid, 'SIGCONT');
          await tookOver(family);
          expect(family.kin).toEqual([pid]);
        },
      ),
  );

  it('in the overlap: the new one takes over at once', () =>
    withFamily(
      (folder) => config(folder),
      async (family) => {
        family.signal('SIGUSR2');
        await family.until('stage', { stage: 'healthcheck' });
        family.signal('SIGKILL');
        await family.gone(family.pid);
        await tookOver(family);
        const { pid } = await family.until('ready', { generation: 2 });
        family.signal('SIGUSR2', pid);
        await family.until('stage', { to: 3, stage: 'healthcheck' });
        family.signal('SIGTERM', pid);
        await family.gone(pid);
      },
    ));

  it('while it drains: the new one has taken over long since', () =>
    withFamily(
      (folder) => ({ ...config(folder), options: { pidFile: `${folder}/pid`, overlapMs: 0 } }),
      async (family) => {
        const slow = family.ask('/slow?ms=60000').catch(() => 'lost');
        await family.tell({ do: 'upgrade' });
        await family.until('state', { generation: 1, state: 'draining' });
        family.signal('SIGKILL');
        await family.gone(family.pid);
        expect(await slow).toBe('lost');
        await tookOver(family);
      },
    ));

  it('while the new one has been given up and is told to stop: that stops, in order', () =>
    withFamily(
      (folder) => ({
        ...config(folder),
        options: { pidFile: `${folder}/pid`, readyMs: 10_000, terminateMs: 60_000 },
        generations: { 2: { starting: 'has a check that never passes' } },
      }),
      async (family) => {
        family.signal('SIGUSR2');
        const { pid } = await family.until('begun', { generation: 2 });
        // It hears that it is to stop only when the one that said so is no more.
        await family.until(
          'log',
          ({ generation, message }) => generation === 2 && message.includes('database'),
        );
        // From then on it knows of the sockets that it is to listen on.
        await family.until('restored', { generation: 2 });
        family.signal('SIGSTOP', pid);
        await family.isSentTerm(pid);
        family.signal('SIGKILL');
        await family.gone(family.pid);
        process.kill(pid, 'SIGCONT');
        await family.gone(pid);
        expect(await family.until('exit', { pid })).toMatchObject({ code: 0 });
        expect(family.kin).toEqual([]);
        // Nobody was left to take it away.
        expect(family.pidFile()).toBe(family.pid);
        rmSync(family.path('pid'));
      },
    ));
});
