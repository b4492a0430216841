import { describe, expect, it } from 'vitest';
import type { ConformanceOptions } from '../src/index.js';
import { plan } from '../src/plan.js';

const options: ConformanceOptions = { command: ['node', 'server.js'], requests: { quick: 'GET /' } };

describe('options that are wrong', () => {
  it.each<[string, Record<string, unknown>, string]>([
    [
      'command',
      { command: [] },
      'Expected command to be an array of strings, none of them empty, got an array of 0.',
    ],
    ['command', { command: 'node server.js' }, 'got "node server.js"'],
    ['an unknown key', { commnad: [] }, 'Expected options to have no other keys than command, '],
    ['port', { port: 0 }, 'Expected port to be a whole number from 1 to 65535, got 0.'],
    ['env', { env: { A: 1 } }, 'Expected env.A to be a string of one line, got 1.'],
    ['tls', { tls: 'yes' }, 'Expected tls to be true or false, got "yes".'],
    [
      'readiness',
      { readiness: 'readyz' },
      'Expected readiness to be a path that begins with "/", got "readyz".',
    ],
    ['readiness.port', { readiness: { path: '/', port: 1.5 } }, 'Expected readiness.port to be'],
    ['a quick request', { requests: {} }, 'Expected requests.quick to be an object, got undefined.'],
    ['a request', { requests: { quick: 'fetch it' } }, 'Expected requests.quick to be like "GET /path"'],
    ['a method', { requests: { quick: { path: '/', method: 'get' } } }, 'Expected requests.quick.method'],
    ['a header', { requests: { quick: { path: '/', headers: { A: '1\r\n' } } } }, 'requests.quick.headers.A'],
    [
      'takesMs',
      { requests: { quick: '/', slow: { path: '/' } } },
      'Expected requests.slow.takesMs to be a number',
    ],
    ['takesMs', { requests: { quick: '/', slow: { path: '/', takesMs: 5 } } }, 'from 200 to'],
    [
      'an upload',
      { requests: { quick: '/', upload: 'GET /' } },
      'Expected requests.upload to be a request that has',
    ],
    [
      'a promise',
      { promises: { lameDuckMs: -1 } },
      'Expected promises.lameDuckMs to be a number of milliseconds',
    ],
    [
      'a deadline',
      { promises: { lameDuckMs: 9, deadlineMs: 9 } },
      'to be more than promises.lameDuckMs (9), got 9.',
    ],
    ['http2', { http2: { path: '/' } }, 'Expected http2.takesMs to be a number of milliseconds from 200'],
    ['http2', { http2: { path: '/', takesMs: 500, port: -1 } }, 'Expected http2.port to be a whole number'],
    ['only', { only: ['in-fligth'] }, 'Expected a row in only to be one of far-clients, '],
    ['concurrency', { port: 3000, concurrency: 2 }, 'Expected concurrency to be 1'],
    ['concurrency', { concurrency: 0 }, 'Expected concurrency to be a whole number from 1 on, got 0.'],
  ])('%s', (_what, more, message) => {
    const wrong = { ...options, ...more } as ConformanceOptions;
    expect(() => plan(wrong)).toThrow(message);
    expect(() => plan(wrong)).toThrow(/^ERR_CONFORMANCE_OPTION: /);
  });
});

describe('options that are right', () => {
  it('are filled with their defaults', () => {
    expect(plan(options).settings).toMatchObject({
      portVariable: 'PORT',
      host: '127.0.0.1',
      concurrency: 3,
      promises: { lameDuckMs: 0, idleMs: 5_000, deadlineMs: undefined, exitLagMs: 1_000 },
      requests: { quick: { path: '/', method: 'GET' } },
    });
    expect(plan({ ...options, port: 3000 }).settings.concurrency).toBe(1);
  });

  it('give an upload a body, once with its length and once in chunks', () => {
    const { upload } = plan({ ...options, requests: { quick: '/', upload: '/upload' } }).settings.requests;
    expect(upload?.plain).toMatchObject({ method: 'POST', path: '/upload' });
    expect(upload?.plain.body).toHaveLength(300_000);
    expect(upload?.chunked.chunkBytes).toBeGreaterThan(0);
  });

  it('make each row say what it lacks', () => {
    const needs = plan(options).rows.flatMap((row) => row.needs);
    expect(new Set(needs)).toEqual(
      new Set([
        'promises.lameDuckMs',
        'promises.deadlineMs',
        'readiness',
        'http2',
        ...['slow', 'large', 'upload', 'stream', 'endless', 'events', 'websocket'].map(
          (name) => `requests.${name}`,
        ),
      ]),
    );
  });

  it('have a row for each id, and no id twice', () => {
    const ids = plan(options).rows.map(({ scenario }) => scenario.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
