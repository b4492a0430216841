import { writeFileSync } from 'node:fs';
import { createGraceful } from '@graceful/core';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { followDrain, type FollowedDrain } from '../src/follow/drain.js';
import { followLogLevel } from '../src/follow/log-level.js';
import type { ListenerFailure, WatchedConfig } from '../src/watched-config.js';
import { errorOf, fileWith, watching } from './support/watch.js';

interface Value {
  readonly level?: string;
  readonly drain?: FollowedDrain;
}

async function followed(value: Value) {
  const path = fileWith(JSON.stringify(value));
  const config = await watching<Value>(path, { debounceMs: 3_600_000 });
  const failures: ListenerFailure[] = [];
  config.on('error', (failure) => void failures.push(failure));
  const change = async (next: Value) => {
    writeFileSync(path, JSON.stringify(next));
    expect(await config.reload()).toMatchObject({ result: 'applied' });
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { config, failures, change };
}

const level = (value: Value) => value.level;

const drain = (value: Value) => value.drain;
const quiet = () => pino({ level: 'warn' }, { write: () => {} });

function following(config: WatchedConfig<Value>) {
  const graceful = createGraceful({ logger: false, signals: [], exit: false, drain: { delayMs: 100 } });
  onTestFinished(() => graceful.uninstall());
  const set = vi.spyOn(graceful, 'setDrain');
  followDrain(config, graceful, drain);
  return { graceful, set };
}

describe('a log level that follows', () => {
  it('is that of the value in force, and of each that comes', async () => {
    const { config, change, failures } = await followed({ level: 'debug' });
    const logger = quiet();
    followLogLevel(config, logger, level);
    expect(logger.level).toBe('debug');
    await change({ level: 'silent' });
    expect(logger.level).toBe('silent');
    await change({});
    expect(logger.level).toBe('warn');
    expect(failures).toEqual([]);
  });

  it('is that of several loggers: children of pino have their own', async () => {
    const { config, change } = await followed({ level: 'info' });
    const parent = quiet();
    const child = parent.child({});
    followLogLevel(config, [parent, child], level);
    await change({ level: 'trace' });
    expect([parent.level, child.level]).toEqual(['trace', 'trace']);
  });

  it('is refused at once where no logger has it', async () => {
    const { config } = await followed({ level: 'loud' });
    const logger = quiet();
    const error = await errorOf(() => followLogLevel(config, logger, level));
    expect(error).toMatchObject({ code: 'ERR_CONFIG_OPTION' });
    expect(error.message).toContain('one of trace, debug, info, warn, error, fatal, silent, got "loud"');
    expect(logger.level).toBe('warn');
  });

  it('that comes later and that one of them does not have changes none, and is reported', async () => {
    const { config, change, failures } = await followed({ level: 'info' });
    const custom = pino({ level: 'info', customLevels: { chatty: 15 } }, { write: () => {} });
    const plain = quiet();
    followLogLevel(config, [custom, plain], level);
    await change({ level: 'chatty' });
    expect([custom.level, plain.level]).toEqual(['info', 'info']);
    expect(failures).toMatchObject([
      { from: 'a listener of "change"', error: { code: 'ERR_CONFIG_OPTION' } },
    ]);
  });

  it('stays as it is when it follows no longer', async () => {
    const { config, change } = await followed({ level: 'info' });
    const logger = quiet();
    followLogLevel(config, logger, level)[Symbol.dispose]();
    await change({ level: 'trace' });
    expect(logger.level).toBe('info');
  });

  it('wants a function that selects it, and a logger', async () => {
    const { config } = await followed({});
    for (const call of [
      () => followLogLevel(config, quiet(), 'level' as never),
      () => followLogLevel(config, undefined as never, level),
    ])
      expect(await errorOf(call)).toMatchObject({ code: 'ERR_CONFIG_OPTION' });
  });
});

describe('drain budgets that follow', () => {
  it('are those of the value in force, and of each that comes; what is left out is not set', async () => {
    const { config, change, failures } = await followed({ drain: { delayMs: 10 } });
    const { set } = following(config);
    await change({ drain: { requestsMs: 20 } });
    await change({});
    expect(set.mock.calls).toEqual([[{ delayMs: 10 }], [{ requestsMs: 20 }], [{}]]);
    expect(failures).toEqual([]);
  });

  it('may have gaps that are undefined, as schemas make them', async () => {
    const { config } = await followed({});
    const graceful = { setDrain: vi.fn() };
    followDrain(config, graceful, () => ({ delayMs: undefined, hooksMs: 5 }));
    expect(graceful.setDrain).toHaveBeenCalledExactlyOnceWith({ hooksMs: 5 });
  });

  it('are refused at once when they are bad, and reported when they come later', async () => {
    const { config: bad } = await followed({ drain: { delayMs: -1 } });
    expect(await errorOf(() => following(bad))).toMatchObject({ code: 'ERR_GRACEFUL_OPTION' });

    const { config, change, failures } = await followed({});
    following(config);
    await change({ drain: { delayMs: -1 } });
    expect(failures).toMatchObject([{ error: { code: 'ERR_GRACEFUL_OPTION' } }]);
  });
});
