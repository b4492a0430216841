import { describe, expect, it } from 'vitest';
import type { SupervisorStatus } from '@graceful/handover/control';
import { duration } from '../src/output/duration.js';
import { jsonLine, printable } from '../src/output/printable.js';
import { runLog } from '../src/output/run-log.js';
import { statusText } from '../src/output/status-text.js';

describe('a duration for people', () => {
  it.each([
    [0.4, '0 ms'],
    [999, '999 ms'],
    [1_000, '1.0 s'],
    [59_999, '59.9 s'],
    [60_000, '1 min 0 s'],
    [3_599_999, '59 min 59 s'],
    [7_260_000, '2 h 1 min'],
    [180_000_000, '2 d 2 h'],
  ])('%d', (ms, words) => expect(duration(ms)).toBe(words));
});

describe('text from elsewhere', () => {
  it('stays on one line, and gives a terminal nothing to obey', () => {
    expect(printable('a\r\nb\tc\u001B[2J\u0007\u009B1m\u202Eü𝄞')).toBe(
      String.raw`a b c\u001b[2J\u0007\u009b1m\u202eü𝄞`,
    );
  });

  it('neither as JSON, which stays the same', () => {
    const value = { text: 'a\u001B\u007F\u009Bü' };
    expect(jsonLine(value)).toBe(String.raw`{"text":"a\u001b\u007f\u009bü"}`);
    expect(JSON.parse(jsonLine(value))).toEqual(value);
  });
});

const status: SupervisorStatus = {
  name: 'orders',
  pid: 7,
  startedAt: '2026-11-21T12:00:00.000Z',
  state: 'upgrading',
  generation: 1,
  sockets: [
    { name: 'http', kind: 'tcp', host: '::', port: 3000 },
    { name: 'local', kind: 'tcp', host: '127.0.0.1', port: 3001 },
    { name: 'admin', kind: 'unix', path: '/run/orders.sock' },
    { name: 'given', kind: 'unknown' },
  ],
  generations: [
    {
      generation: 1,
      state: 'active',
      command: ['node', 'server.js', '--name', "it's"],
      startedAt: '2026-11-21T12:00:00.000Z',
      readyAt: '2026-11-21T12:00:01.000Z',
      workers: [{ pid: 8, state: 'active', inFlight: 3, restarts: 2, text: 'warm \u001B[31m' }],
    },
    {
      generation: 2,
      state: 'starting',
      command: ['node', 'server.js', ''],
      startedAt: '2026-11-21T12:59:58.500Z',
      workers: [{ pid: 9, state: 'hello' }, { state: 'failed' }],
    },
  ],
  upgrade: { stage: 'start', generation: 2 },
  zombies: 2,
};

describe('a status for people', () => {
  it('has a line for each thing, indented by what it belongs to', () => {
    expect(statusText(status, Date.parse('2026-11-21T13:00:00.000Z')).split('\n')).toEqual([
      'orders: upgrading, generation 1 (supervisor 7, for 1 h 0 min)',
      '  socket http: [::]:3000',
      '  socket local: 127.0.0.1:3001',
      '  socket admin: /run/orders.sock',
      '  socket given: unknown',
      String.raw`  generation 1: active, ready 59 min 59 s ago: node server.js --name 'it'\''s'`,
      String.raw`    process 8: active, 3 in flight, started again 2 times, warm \u001b[31m`,
      "  generation 2: starting, started 1.5 s ago: node server.js ''",
      '    process 9: hello',
      '    process -: failed',
      '  upgrade to generation 2: start',
      '  2 dead processes that nobody has waited for',
      '',
    ]);
  });

  it('is short where there is little to say', () => {
    const { generation: _generation, upgrade: _upgrade, ...rest } = status;
    const drained = { ...rest, state: 'drained', sockets: [], generations: [], zombies: 0 };
    expect(statusText(drained, Date.parse(status.startedAt))).toBe(
      'orders: drained (supervisor 7, for 0 ms)\n',
    );
  });
});

describe('the log of a supervisor', () => {
  function logged(json: boolean): string[] {
    const lines: string[] = [];
    const log = runLog({ write: (text: string) => lines.push(text) }, json);
    log.info({ generation: 1 }, 'generation 1 serves');
    log.error({ err: new Error('EMFILE') }, 'control\nsocket');
    return lines;
  }

  it('is a line each', () => {
    expect(logged(false)).toEqual(['graceful: generation 1 serves\n', 'graceful: control socket\n']);
  });

  it('is a JSON object each, for programs', () => {
    expect(logged(true).map((line) => JSON.parse(line) as unknown)).toEqual([
      { time: expect.any(String), level: 'info', generation: 1, msg: 'generation 1 serves' },
      { time: expect.any(String), level: 'error', err: 'EMFILE', msg: 'control\nsocket' },
    ]);
  });
});
