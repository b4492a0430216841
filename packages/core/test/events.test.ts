import { channel } from 'node:diagnostics_channel';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { eventNames, type GracefulEventName, type GracefulEvents } from '../src/events.js';
import type { Graceful } from '../src/graceful.js';
import { quietGraceful } from './support/graceful.js';
import { ask, closeServer, portOf } from './support/http.js';

/** A life with an event of every name in it: a request, a check, hooks, a signal, something that fails. */
async function live(graceful: Graceful): Promise<void> {
  graceful.addCheck('cache', () => {});
  graceful.onShutdown('pool', () => {});
  graceful.onShutdown('broken', () => Promise.reject(new Error('no')));
  const server = await graceful.listen((_, response) => void response.end('ok'), {
    port: 0,
    host: '127.0.0.1',
  });
  onTestFinished(() => closeServer(server));
  await ask(portOf(server), '/');
  await graceful.track(Promise.reject(new Error('work failed'))).catch(() => {});
  process.emit('SIGHUP', 'SIGHUP');
  await graceful.shutdown('joins what the signal began');
}

const options = { drain: { delayMs: 0, idleMs: 0 }, signals: ['SIGHUP' as const] };

describe('events', () => {
  it('come to listeners and to diagnostics_channel alike, under graceful:<event>', async () => {
    const graceful = quietGraceful(options);
    const heard: [GracefulEventName, unknown][] = [];
    const published: [GracefulEventName, unknown][] = [];
    for (const name of eventNames) {
      graceful.on(name, (event) => heard.push([name, event]));
      const subscriber = (event: unknown) => published.push([name, event]);
      channel(`graceful:${name}`).subscribe(subscriber);
      onTestFinished(() => {
        channel(`graceful:${name}`).unsubscribe(subscriber);
      });
    }
    await live(graceful);
    expect(new Set(heard.map(([name]) => name))).toEqual(new Set(eventNames));
    expect(published).toEqual(heard);
    for (const [index, [, event]] of published.entries()) expect(event).toBe(heard[index]?.[1]);
  });

  it('come to channels without any listener', async () => {
    const published = vi.fn();
    channel('graceful:connection').subscribe(published);
    onTestFinished(() => {
      channel('graceful:connection').unsubscribe(published);
    });
    await live(quietGraceful(options));
    expect(published.mock.calls.map(([event]) => event)).toEqual([
      { state: 'new' },
      { state: 'active', previous: 'new' },
      { state: 'idle', previous: 'active' },
      { state: 'closed', previous: 'idle' },
    ]);
  });

  it('carry what the types say', async () => {
    const graceful = quietGraceful(options);
    const heard = new Map<GracefulEventName, unknown>();
    for (const name of eventNames) graceful.on(name, (event) => heard.set(name, heard.get(name) ?? event));
    await live(graceful);
    expect(Object.fromEntries(heard)).toEqual({
      state: { state: 'ready', previous: 'starting' },
      connection: { state: 'new' },
      check: { name: 'cache', status: 'pass' },
      hook: expect.objectContaining({ phase: 'close' }),
      signal: { signal: 'SIGHUP', first: true },
      error: { error: new Error('work failed'), from: 'tracked work' },
      report: graceful.report,
    });
  });

  it('come no more to a listener that was taken out', async () => {
    const graceful = quietGraceful(options);
    const listener = vi.fn();
    const handle = graceful.on('state', listener);
    handle[Symbol.dispose]();
    handle[Symbol.dispose]();
    await live(graceful);
    expect(listener).not.toHaveBeenCalled();
  });

  it('may have as many listeners as anybody likes', async () => {
    const warned = vi.fn();
    process.on('warning', warned);
    onTestFinished(() => void process.off('warning', warned));
    const graceful = quietGraceful();
    for (let n = 0; n < 100; n++) graceful.on('state', () => {});
    await new Promise((resolve) => setImmediate(resolve)); // Node warns a turn later
    expect(warned).not.toHaveBeenCalled();
  });
});

describe('a listener that throws', () => {
  it.each(eventNames)(
    'on "%s" changes nothing: not the report, not the others, not the process',
    async (name) => {
      const graceful = quietGraceful(options);
      const others = vi.fn();
      const errors: GracefulEvents['error'][] = [];
      graceful.on('error', (event) => void errors.push(event));
      graceful.on(name, () => {
        throw new Error('my mistake');
      });
      graceful.on(name, others);
      await live(graceful);
      expect(others).toHaveBeenCalled();
      expect(graceful.state).toBe('stopped');
      // Only what the life itself has in it.
      expect(graceful.report?.errors.map(({ message }) => message)).toEqual(['no']);
      const told = errors.filter(({ error }) => (error as Error).message === 'my mistake');
      if (name === 'error')
        expect(told).toEqual([]); // nobody is told of that, or it would never end
      else expect(told[0]?.from).toContain(`"${name}"`);
    },
  );

  it('does not keep the service from becoming ready', () => {
    const graceful = quietGraceful();
    graceful.on('state', () => {
      throw new Error('my mistake');
    });
    graceful.ready();
    expect(graceful.state).toBe('ready');
  });
});

describe('a listener that is asynchronous and rejects', () => {
  it('becomes an error event, and no unhandled rejection', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    const graceful = quietGraceful();
    const failure = new Error('on purpose');
    const heard = new Promise((resolve) => void graceful.on('error', resolve));
    // oxlint-disable-next-line no-misused-promises -- what users do who have no such rule
    graceful.on('state', () => Promise.reject(failure));
    graceful.ready();
    expect(await heard).toEqual({ error: failure, from: 'a listener of "state"' });
    // Node tells of a rejection that nobody handled once the microtasks are done.
    await new Promise(setImmediate);
    expect(unhandled).not.toHaveBeenCalled();
    expect(graceful.state).toBe('ready');
  });
});
