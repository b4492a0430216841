import { describe, expect, it } from 'vitest';
import { waitFor } from '../../src/wait/wait-for.js';

describe('the options of waitFor()', () => {
  it.each([
    [{ timeoutMs: '60s' }, '`timeoutMs` to be a number of milliseconds from 0 to 2147483647, got "60s"'],
    [{ everyMs: -1 }, '`everyMs` to be a number of milliseconds'],
    [{ maxEveryMs: Number.NaN }, '`maxEveryMs` to be a number of milliseconds'],
    [{ attemptMs: 0 }, '`attemptMs` to be more than 0, got 0'],
    [{ insecure: 'yes' }, '`insecure` to be true or false, got "yes"'],
    [{ onProgress: 'log' }, '`onProgress` to be a function, got "log"'],
    [{ signal: {} }, '`signal` to be an AbortSignal'],
    [{ timeout: 60 }, 'the options of waitFor() to have no other keys than timeoutMs'],
  ])('%j', async (options, message) => {
    await expect(waitFor(['file:/'], options as never)).rejects.toThrow(
      `ERR_COMPANION_OPTION: Expected ${message}`,
    );
  });

  it('and its targets', async () => {
    await expect(waitFor('file:/' as never)).rejects.toThrow(
      'Expected `targets` to be an array, got "file:/"',
    );
    await expect(waitFor([null as never])).rejects.toThrow('ERR_COMPANION_TARGET');
  });
});
