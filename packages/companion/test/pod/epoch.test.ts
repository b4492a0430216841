import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type KeptState, readKept, startedAgain, writeKept } from '../../src/pod/epoch.js';

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'epoch-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'state.json');
}

const running: KeptState = { version: 1, podUid: 'a', epoch: 3, pod: { state: 'running' } };
const ending: KeptState = {
  ...running,
  pod: { state: 'terminating', reason: 'pod', startedAtMs: 1_000, deadlineAtMs: 31_000 },
};

describe('what a companion leaves for the next one', () => {
  it('is read as it was written, and leaves nothing else behind', () => {
    const file = newFile();
    writeKept(file, ending);
    expect(readKept(file)).toEqual(ending);
    expect(readdirSync(join(file, '..'))).toEqual(['state.json']);
    expect(readFileSync(file, 'utf8')).toMatch(/\n$/);
  });

  it.each([
    ['nothing', ''],
    ['half of it', JSON.stringify(running).slice(0, -5)],
    ['another version', JSON.stringify({ ...running, version: 2 })],
    ['no object', '7'],
    ['null', 'null'],
    ['no pod', JSON.stringify({ ...running, pod: undefined })],
    ['an epoch that is none', JSON.stringify({ ...running, epoch: 0 })],
    ['a state that is none', JSON.stringify({ ...running, pod: { state: 'gone' } })],
    [
      'an end without a deadline',
      JSON.stringify({ ...running, pod: { state: 'terminating', reason: 'pod' } }),
    ],
  ])('is nothing, where the file holds %s', (_what, text) => {
    const file = newFile();
    writeFileSync(file, text);
    expect(readKept(file)).toBeUndefined();
  });

  it('counts how often one was started in this pod', () => {
    expect(startedAgain(undefined, 'a', 0)).toMatchObject({
      epoch: 1,
      podUid: 'a',
      pod: { state: 'running' },
    });
    expect(startedAgain(running, 'a', 0)).toMatchObject({ epoch: 4, pod: { state: 'running' } });
  });

  it('is no business of another pod', () => {
    expect(startedAgain(ending, 'b', 2_000)).toEqual({
      version: 1,
      podUid: 'b',
      epoch: 1,
      pod: { state: 'running' },
    });
  });

  it('goes on with an end that was begun', () => {
    expect(startedAgain(ending, 'a', 2_000)).toMatchObject({ epoch: 4, pod: ending.pod });
  });

  it('does not believe in an end whose time is over, or has not come', () => {
    expect(startedAgain(ending, 'a', 31_000).pod).toEqual({ state: 'running' });
    expect(startedAgain(ending, 'a', 500).pod).toEqual({ state: 'running' });
  });
});
