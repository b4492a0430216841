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

  // Many, as the runner of the tests has a few of its own that come and go.
  const timersHeld = async () => {
    const named = (await heldBy(new Set())).find((name) => name.includes('timer'));
    return named === undefined ? 0 : Number.parseInt(named, 10) || 1;
  };
  const timers = () => Array.from({ length: 100 }, () => setTimeout(() => {}, 60_000));

  it('is named: timers, counted', async () => {
    const before = await timersHeld();
    const held = timers();
    expect((await timersHeld()) - before).toBeGreaterThan(90);
    for (const timer of held) clearTimeout(timer);
  });

  it('does not count what does not hold it: a timer that is unreferenced', async () => {
    const before = await timersHeld();
    const unheld = timers().map((timer) => timer.unref());
    expect((await timersHeld()) - before).toBeLessThan(10);
    for (const timer of unheld) clearTimeout(timer);
  });
});
