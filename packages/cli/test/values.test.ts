import { describe, expect, it } from 'vitest';
import { parseReadiness } from '../src/options/readiness.js';
import {
  parseCount,
  parseDuration,
  parseGroup,
  parseMs,
  parseStopSignal,
  parseWorkers,
} from '../src/options/values.js';

describe('milliseconds', () => {
  it.each([
    ['0', 0],
    ['1.5', 1.5],
    ['2147483647', 2_147_483_647],
  ])('%s', (text, ms) => expect(parseMs(text)).toBe(ms));

  it.each(['', '5s', '-1', '1e3', '2147483648', 'Infinity', ' 5'])('not %j', (text) => {
    expect(() => parseMs(text)).toThrow(
      `Expected a number of milliseconds from 0 to 2147483647, got ${JSON.stringify(text)}.`,
    );
  });
});

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['60s', 60_000],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
    ['596h', 2_145_600_000],
  ])('%s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  // The last of them is longer than a timer of Node can wait.
  it.each(['', '60', 's', '0s', '-1s', '1 s', '1d', '1e3s', '1m30s', '5S', '597h'])('not %j', (text) => {
    expect(() => parseDuration(text)).toThrow(
      `Expected a duration with its unit, such as 500ms, 60s, 5m or 1h, got ${JSON.stringify(text)}.`,
    );
  });
});

describe('numbers', () => {
  it('of groups begin with 0, that of root', () => {
    expect([parseGroup('0'), parseGroup('4294967294')]).toEqual([0, 4_294_967_294]);
    for (const text of ['', '-1', '4294967295', 'www-data', '1.5']) {
      expect(() => parseGroup(text)).toThrow('Expected the number of a group, such as 1000, got');
    }
  });

  it('of workers go from 1 to 1024', () => {
    expect([parseWorkers('1'), parseWorkers('1024')]).toEqual([1, 1_024]);
    for (const text of ['0', '1025', '1.5', 'all', '']) {
      expect(() => parseWorkers(text)).toThrow(`Expected a whole number from 1 to 1024, got "${text}".`);
    }
  });

  it('of crashes begin with 1', () => {
    expect(parseCount('3')).toBe(3);
    for (const text of ['0', '-3', '1.5', '9'.repeat(20)]) {
      expect(() => parseCount(text)).toThrow(`Expected a whole number from 1, got "${text}".`);
    }
  });
});

describe('a signal to stop', () => {
  it.each([
    ['SIGTERM', 'SIGTERM'],
    ['QUIT', 'SIGQUIT'],
  ])('%s', (text, signal) => expect(parseStopSignal(text)).toBe(signal));

  it.each(['SIGKILL', 'STOP', 'SIGNONE', '15', '', 'sigterm', 'toString'])('not %j', (text) => {
    expect(() => parseStopSignal(text)).toThrow(
      `Expected the name of a signal that a program can obey, such as SIGTERM or SIGQUIT, got "${text}".`,
    );
  });
});

describe('what tells that a process serves', () => {
  it.each([
    ['fd', { kind: 'channel' }],
    ['timer:1500', { kind: 'timer', ms: 1_500 }],
    ['http://127.0.0.1:3000/readyz?full', { kind: 'http', url: 'http://127.0.0.1:3000/readyz?full' }],
    ['tcp://localhost:5432', { kind: 'tcp', host: 'localhost', port: 5432 }],
    ['tcp://[::1]:5432', { kind: 'tcp', host: '::1', port: 5432 }],
  ])('%s', (text, readiness) => expect(parseReadiness(text)).toEqual(readiness));

  it.each([
    '',
    'fd:3',
    'https://localhost/',
    'tcp://localhost',
    'tcp://:80',
    'tcp://a:80/x',
    'localhost:80',
    'http',
  ])('not %j', (text) => {
    expect(() => parseReadiness(text)).toThrow(
      `Expected fd, http://host:port/path, tcp://host:port or timer:milliseconds, got "${text}".`,
    );
  });

  it('is no timer that nobody can wait for', () => {
    expect(() => parseReadiness('timer:1s')).toThrow('Expected a number of milliseconds');
  });
});
