import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { flushLogger, type Logger } from '../src/observe/log.js';
import { deferred } from './support/drainable.js';
import { quietGraceful } from './support/graceful.js';
import { FakeLogger } from './support/logger.js';

afterEach(() => void vi.useRealTimers());

const drain = { delayMs: 0, requestsMs: 5, hooksMs: 50 };

describe('the log', () => {
  it('has one line for each change of state, and one for the report', async () => {
    const logger = new FakeLogger();
    const graceful = quietGraceful({ logger, drain });
    graceful.ready();
    const report = await graceful.shutdown('deploy');
    expect(logger.lines).toEqual([
      { level: 'info', message: 'state ready', fields: { state: 'ready', previous: 'starting' } },
      {
        level: 'info',
        message: 'state lame-duck',
        fields: { state: 'lame-duck', previous: 'ready', reason: 'deploy' },
      },
      {
        level: 'info',
        message: 'state draining',
        fields: { state: 'draining', previous: 'lame-duck', reason: 'deploy' },
      },
      {
        level: 'info',
        message: 'state closing',
        fields: { state: 'closing', previous: 'draining', reason: 'deploy' },
      },
      {
        level: 'info',
        message: 'state stopped',
        fields: { state: 'stopped', previous: 'closing', reason: 'deploy' },
      },
      { level: 'info', message: 'shutdown clean', fields: { report } },
    ]);
  });

  it('warns when something was dropped', async () => {
    const logger = new FakeLogger();
    const graceful = quietGraceful({ logger, drain });
    void graceful.track(new Promise(() => {}));
    const report = await graceful.shutdown('deploy');
    expect(logger.lines.at(-1)).toEqual({ level: 'warn', message: 'shutdown forced', fields: { report } });
  });

  it('calls it an error when a hook failed, with what it threw: the stack is here, and not in the report', async () => {
    const logger = new FakeLogger();
    const graceful = quietGraceful({ logger, drain });
    const error = new Error('gone');
    graceful.onShutdown('pool', () => Promise.reject(error));
    graceful.onShutdown('fine', () => {});
    graceful.onShutdown('hangs', () => new Promise(() => {}), { timeoutMs: 1 });
    await graceful.shutdown('deploy');
    const errors = logger.lines.filter(({ level }) => level === 'error');
    expect(errors).toMatchObject([
      { message: 'hook pool failed', fields: { hook: 'pool', phase: 'close', result: 'failed', err: error } },
      { message: 'hook hangs timed-out', fields: { hook: 'hangs', result: 'timed-out' } },
      { message: 'shutdown failed', fields: { report: { verdict: 'failed' } } },
    ]);
    expect(logger.messages).not.toContainEqual(expect.stringContaining('fine'));
  });

  it('has a line for each turn of a check', async () => {
    const logger = new FakeLogger();
    const graceful = quietGraceful({ logger });
    const error = new Error('refused');
    const told = vi.fn();
    graceful.on('check', told);
    graceful.addCheck('postgres', () => Promise.reject(error));
    graceful.addCheck('redis', () => {});
    await vi.waitUntil(() => told.mock.calls.length === 2);
    expect(logger.lines).toContainEqual({
      level: 'warn',
      message: 'check postgres failed',
      fields: { check: 'postgres', cause: 'failed', err: error },
    });
    expect(logger.lines).toContainEqual({
      level: 'info',
      message: 'check redis passes',
      fields: { check: 'redis' },
    });
  });

  it('has a line for each signal, and for work that failed', async () => {
    const logger = new FakeLogger();
    const graceful = quietGraceful({ logger, drain, signals: ['SIGHUP', 'SIGUSR2'] });
    const error = new Error('no');
    await graceful.track(Promise.reject(error)).catch(() => {});
    process.emit('SIGHUP', 'SIGHUP');
    process.emit('SIGUSR2', 'SIGUSR2');
    await graceful.shutdown();
    expect(logger.lines).toContainEqual({
      level: 'error',
      message: 'error from tracked work',
      fields: { err: error, from: 'tracked work' },
    });
    expect(logger.messages.filter((message) => message.startsWith('SIG'))).toEqual([
      'SIGHUP: shutting down',
      'SIGUSR2: shutting down already, nothing changes',
    ]);
  });

  it('that throws changes nothing', async () => {
    const fails = () => {
      throw new Error('disk full');
    };
    const graceful = quietGraceful({
      logger: { info: fails, warn: fails, error: fails, flush: fails },
      drain,
    });
    graceful.ready();
    expect(await graceful.shutdown('deploy')).toMatchObject({ verdict: 'clean' });
  });

  it('is flushed before the exit', async () => {
    const order: string[] = [];
    const exited = deferred();
    const logger = Object.assign(new FakeLogger(), {
      flush: (done?: () => void) => {
        order.push('flush begins');
        setImmediate(() => {
          order.push('flush ends');
          done?.();
        });
      },
    });
    const graceful = quietGraceful({
      logger,
      drain,
      uncaughtErrors: false,
      exit: () => {
        order.push('exit');
        exited.resolve();
      },
    });
    await graceful.shutdown('deploy');
    await exited.promise;
    expect(order).toEqual(['flush begins', 'flush ends', 'exit']);
    expect(logger.messages.at(-1)).toBe('shutdown clean');
  });

  it('can be switched off', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    onTestFinished(() => write.mockRestore());
    await quietGraceful({ logger: false, drain }).shutdown('deploy');
    expect(write).not.toHaveBeenCalled();
  });
});

describe('waiting for the logger', () => {
  const logger = (flush?: Logger['flush']): Logger => ({
    info() {},
    warn() {},
    error() {},
    ...(flush && { flush }),
  });

  it.each([
    ['has no flush', undefined],
    ['flushes at once, and calls nobody back', vi.fn(() => {})],
    ['calls back', (done?: () => void) => void setTimeout(() => done?.(), 10)],
    [
      'calls back with an error',
      (done?: (error?: Error) => void) => void setTimeout(() => done?.(new Error('EPIPE')), 10),
    ],
    [
      'throws',
      (_done?: () => void) => {
        throw new Error('closed');
      },
    ],
  ])('is over soon where it %s', async (_, flush) => {
    vi.useFakeTimers();
    const over = vi.fn();
    void flushLogger(logger(flush), 1_000).then(over);
    await vi.advanceTimersByTimeAsync(10);
    expect(over).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is over after its time where the log is stuck: that must not hold an exit', async () => {
    vi.useFakeTimers();
    const over = vi.fn();
    void flushLogger(
      logger((_done) => {}),
      1_000,
    ).then(over);
    await vi.advanceTimersByTimeAsync(999);
    expect(over).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(over).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });
});
