import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createGraceful } from '../src/create-graceful.js';
import { companionKit } from '../src/kits.js';
import type { ShutdownReport } from '../src/lifecycle/report.js';
import { quietGraceful } from './support/graceful.js';
import { settled } from './support/lifecycle.js';

const drain = { delayMs: 0, requestsMs: 100, hooksMs: 100 };

describe('a farewell', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0); // nothing left behind
    vi.useRealTimers();
  });

  it('has the report, and is waited for before the process ends', async () => {
    const told: unknown[] = [];
    const graceful = createGraceful({
      logger: false,
      signals: [],
      uncaughtErrors: false,
      drain,
      exit: (code) => void told.push(code),
    });
    onTestFinished(() => graceful.uninstall());
    let done = () => {};
    companionKit(graceful).farewell(async (report) => {
      told.push(report.verdict);
      await new Promise<void>((resolve) => {
        done = resolve;
      });
      told.push('done');
    });
    const ending = graceful.shutdown('test');
    await vi.advanceTimersByTimeAsync(500);
    expect(told).toEqual(['clean']);
    done();
    await ending;
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toEqual(['clean', 'done', 0]);
  });

  it('is waited for for a second, and no longer', async () => {
    const graceful = quietGraceful({ drain });
    companionKit(graceful).farewell(() => new Promise(() => {}));
    const begun = performance.now();
    await settled(graceful.shutdown('test'));
    expect(performance.now() - begun).toBeCloseTo(1_000, -2);
  });

  it('that fails keeps nobody, and neither does one that was taken back', async () => {
    const graceful = quietGraceful({ drain });
    const kit = companionKit(graceful);
    const heard: ShutdownReport[] = [];
    kit.farewell(() => {
      throw new Error('at once');
    });
    kit.farewell(() => Promise.reject(new Error('later')));
    kit.farewell(async (report) => void heard.push(report));
    kit.farewell(() => new Promise(() => {}))[Symbol.dispose]();
    expect(await settled(graceful.shutdown('test'))).toMatchObject({ verdict: 'clean' });
    expect(heard).toEqual([graceful.report]);
  });
});

describe('what a companion may know', () => {
  it('is what the service may take, how it is, and where it listens', async () => {
    const graceful = quietGraceful({
      drain: { delayMs: { minMs: 1, maxMs: 70, quietMs: 5 }, requestsMs: 80, hooksMs: 90 },
    });
    const kit = companionKit(graceful);
    expect(kit.budgets).toEqual({ delayMs: 70, requestsMs: 80, hooksMs: 90 });
    expect(kit.ports()).toEqual([]);
    let changes = 0;
    const watching = kit.onChange(() => void changes++);
    const server = await graceful.listen((_request, response) => void response.end(), {
      port: 0,
      host: '127.0.0.1',
    });
    onTestFinished(() => void server.close());
    expect(changes).toBeGreaterThan(0);
    const { port } = server.address() as { port: number };
    expect(kit.ports()).toEqual([port]);
    expect(kit.figures.ready()).toBe(true);
    graceful.notReady('the cache is cold');
    expect(kit.heldBack).toBe('the cache is cold');
    watching[Symbol.dispose]();
  });
});
