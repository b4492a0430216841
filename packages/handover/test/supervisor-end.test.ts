import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Supervisor } from '../src/supervisor.js';

/** A supervisor whose program would leave a trace. */
function tracing(): { supervisor: Supervisor; trace: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'supervisor-end-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [trace, path] = [join(folder, 'trace'), join(folder, 'held.sock')];
  const listen = [{ name: 'held', path }];
  return { supervisor: new Supervisor({ listen, command: ['/usr/bin/touch', trace] }), trace, path };
}

it('a supervisor that is told to stop before it has begun starts nothing', async () => {
  const { supervisor, trace, path } = tracing();
  const code = supervisor.end('SIGTERM');
  expect(await supervisor.start()).toMatchObject({ done: 'failed', code: 'aborted' });
  expect([await code, await supervisor.ended]).toEqual([0, 0]);
  expect([existsSync(trace), existsSync(path)]).toEqual([false, false]);
});

it('nor one that is told to while it binds; and it holds no socket any more', async () => {
  const { supervisor, trace, path } = tracing();
  const start = supervisor.start();
  const code = supervisor.end('SIGTERM');
  expect(await start).toMatchObject({ done: 'failed', code: 'aborted' });
  expect([await code, await supervisor.ended]).toEqual([0, 0]);
  expect([existsSync(trace), existsSync(path)]).toEqual([false, false]);
});
