import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { heldBy } from '../src/lifecycle/held-by.js';
import { closeServer, serve } from './support/http.js';

/** What is held now and was not held before `hold`; the test's own process holds things too. */
async function heldMore(hold: () => Promise<void>, known = new Set<unknown>()): Promise<string[]> {
  const before = await heldBy(known);
  await hold();
  return (await heldBy(known)).filter((name) => !before.includes(name));
}

describe('what holds the event loop', () => {
  it('is named so that a person can search for it: a server by its address', async () => {
    const { server, port } = await serve(() => {});
    onTestFinished(() => closeServer(server));
    expect(await heldMore(async () => {})).toEqual([]);
    expect(await heldBy(new Set())).toContain(`server on 127.0.0.1:${port}`);
  });

  it('is not named where it is meant to live until the exit', async () => {
    const { server, port } = await serve(() => {});
    onTestFinished(() => closeServer(server));
    expect(await heldBy(new Set([server]))).not.toContain(`server on 127.0.0.1:${port}`);
  });

  it('is named: a socket by its other end', async () => {
    const { server, port } = await serve(() => {});
    onTestFinished(() => closeServer(server));
    const held = await heldMore(async () => {
      const socket = connect(port, '127.0.0.1');
      onTestFinished(() => void socket.destroy());
      await once(socket, 'connect');
    });
    expect(held).toContain(`socket to 127.0.0.1:${port}`);
  });

  it('is named: a child process by its number and its program', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    onTestFinished(async () => {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    });
    await once(child, 'spawn');
    expect(await heldBy(new Set())).toContainEqual(`child process ${child.pid} (${process.execPath})`);
  });

  it('is named: timers, counted', async () => {
    const timers = (names: string[]) => names.find((name) => name.includes('timer'));
    const before = timers(await heldBy(new Set()));
    const handles = [
      setTimeout(() => {}, 60_000),
      setTimeout(() => {}, 60_000),
      setTimeout(() => {}, 60_000),
    ];
    const after = timers(await heldBy(new Set()));
    for (const handle of handles) clearTimeout(handle);
    const count = (name: string | undefined) => (name === undefined ? 0 : Number.parseInt(name, 10) || 1);
    expect(count(after) - count(before)).toBe(3);
  });

  it('does not count what does not hold it: a timer that is unreferenced', async () => {
    const before = await heldBy(new Set());
    const timer = setTimeout(() => {}, 60_000).unref();
    expect(await heldBy(new Set())).toEqual(before);
    clearTimeout(timer);
  });
});
