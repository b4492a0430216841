import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type ConformanceOptions, runConformance, toMarkdown } from '../src/index.js';
import { conformance } from '../src/vitest.js';

function service(name: string): readonly string[] {
  return [process.execPath, fileURLToPath(new URL(`services/${name}.mjs`, import.meta.url))];
}

const requests: ConformanceOptions['requests'] = {
  quick: 'GET /',
  slow: { path: '/slow', takesMs: 800 },
  large: 'GET /large',
  upload: 'POST /upload',
  stream: { path: '/stream', takesMs: 800 },
  endless: 'GET /endless',
};

/** As `services/graceful.mjs` is set up. */
const promises = { lameDuckMs: 800, idleMs: 2_000, deadlineMs: 6_000, exitLagMs: 1_500 };

conformance({
  name: 'a graceful service',
  command: service('graceful'),
  readiness: '/readyz',
  requests: { ...requests, events: 'GET /events', websocket: '/websocket' },
  promises,
  onReport: () => {},
});

describe.concurrent('a service that calls server.close()', () => {
  const options = { command: service('bare'), requests };

  /** What came of one row. */
  async function row(id: string, more: Partial<ConformanceOptions> = {}) {
    const { rows } = await runConformance({ ...options, only: [id], ...more });
    return rows[0];
  }

  it('loses requests of clients that are far away', async () => {
    const found = await row('far-clients');
    expect(found?.result).toBe('failed');
    expect(found?.requests.lost).toBeGreaterThan(0);
    expect(found?.violations[0]).toMatch(/^lost: GET \/: lost, /);
    expect(found?.narrative).toContain('SIGTERM');
  });

  it('cuts clients without a word', async () => {
    const found = await row('told');
    expect(found).toMatchObject({ result: 'failed', measures: { clients: 24 } });
    expect(found?.measures['cut']).toBeGreaterThan(0);
    expect(found?.violations[0]).toMatch(/^\d+ of 24 clients were cut without a word$/);
  });

  it('cuts what a slow reader has not read yet', async () => {
    expect(await row('slow-reader')).toMatchObject({ result: 'failed', requests: { sent: 2, lost: 2 } });
  });

  it('stays long after its last answer', async () => {
    const found = await row('exit');
    expect(found).toMatchObject({ result: 'failed', requests: { lost: 0 }, exit: { how: 0 } });
  });

  it('never exits while a client says nothing', async () => {
    const short = { idleMs: 100, exitLagMs: 100 };
    expect(await row('idle', { promises: short })).toMatchObject({ result: 'failed', exit: 'never' });
  });

  it('never exits while a request does not end', async () => {
    const short = { deadlineMs: 300, exitLagMs: 100 };
    expect(await row('deadline', { promises: short })).toMatchObject({ result: 'failed', exit: 'never' });
  });

  it('cuts WebSockets without a close frame, or leaves them', async () => {
    const found = await row('websocket', {
      requests: { ...requests, websocket: '/websocket' },
      promises: { deadlineMs: 700 },
    });
    expect(found).toMatchObject({ result: 'failed', requests: { sent: 2, lost: 2 } });
  });

  it('leaves event streams open', async () => {
    const found = await row('events', {
      requests: { ...requests, events: '/events' },
      promises: { deadlineMs: 700 },
    });
    expect(found).toMatchObject({ result: 'failed', requests: { sent: 2, lost: 2 } });
  });

  it('never says that it is not ready', async () => {
    const found = await row('readiness', { readiness: '/' });
    expect(found).toMatchObject({ result: 'failed', violations: [expect.stringContaining('never said so')] });
  });

  it('keeps requests in flight, and passes those rows', async () => {
    const only = ['in-flight', 'stream', 'slow-upload'];
    const report = await runConformance({ ...options, only });
    expect(report).toMatchObject({ passed: true, rows: only.map((id) => ({ id, result: 'passed' })) });
    expect(toMarkdown(report)).toContain('3 passed, 0 failed, 0 skipped');
  });
});

async function http2Row(how: string) {
  const { rows } = await runConformance({
    command: [...service('http2'), how],
    requests: { quick: '/' },
    http2: { path: '/slow', takesMs: 500, portVariable: 'HTTP2_PORT' },
    only: ['http2'],
  });
  return rows[0];
}

describe.concurrent('a service that speaks HTTP/2', () => {
  it('passes when it says GOAWAY, and streams finish', async () => {
    expect(await http2Row('tells')).toMatchObject({ result: 'passed', requests: { sent: 3, lost: 0 } });
  });

  it('fails when its sessions are cut', async () => {
    const found = await http2Row('cuts');
    expect(found).toMatchObject({ result: 'failed', requests: { sent: 3, lost: 3 } });
    expect(found?.violations[0]).toBe('3 of 3 streams in flight were cut');
  });
});

describe('a row that needs what is not given', () => {
  it('is skipped, and says what to give', async () => {
    const options = {
      command: service('bare'),
      requests: { quick: '/' },
      only: ['slow-reader', 'readiness'],
    };
    const report = await runConformance(options);
    expect(report.rows).toMatchObject([
      { result: 'skipped', needs: ['requests.large'] },
      { result: 'skipped', needs: ['readiness'] },
    ]);
    expect(toMarkdown(report)).toContain('not played: give `requests.large`');
  });
});

describe('a run that cannot begin', () => {
  const quick = { quick: '/' };
  it.each<[string, Partial<ConformanceOptions>, RegExp]>([
    [
      'because the program does not exist',
      { command: ['no-such-program'] },
      /^ERR_CONFORMANCE_START: .*no-such-program.* ended before it was ready.*ENOENT/s,
    ],
    [
      'because the program fails, whose words are shown',
      { command: [process.execPath, '-e', 'throw new Error("no database")'] },
      /^ERR_CONFORMANCE_START: .*no database/s,
    ],
    [
      'because the program does not listen where it should',
      { portVariable: 'OTHER_PORT', env: { PORT: '0' }, startMs: 700 },
      /^ERR_CONFORMANCE_START: .*was not ready after 700 ms.*ECONNREFUSED/s,
    ],
    [
      'because the readiness path is none',
      { readiness: '/nowhere', startMs: 5_000 },
      /^ERR_CONFORMANCE_START: .*GET \/nowhere answered 404/s,
    ],
    [
      'because a path is misspelt',
      { requests: { quick: '/qiuck' } },
      /^ERR_CONFORMANCE_REQUEST: .*requests\.quick.*GET \/qiuck.*got 404/,
    ],
    [
      'because the slow request is quick',
      { requests: { ...quick, slow: { path: '/', takesMs: 800 } } },
      /^ERR_CONFORMANCE_REQUEST: .*requests\.slow.*take about 800 ms/,
    ],
    [
      'because the stream begins late',
      { requests: { ...quick, stream: { path: '/slow', takesMs: 800 } } },
      /^ERR_CONFORMANCE_REQUEST: .*requests\.stream.*begin its answer long before its end/,
    ],
    [
      'because it speaks no HTTP/2',
      { http2: { path: '/', takesMs: 500 } },
      /^ERR_CONFORMANCE_REQUEST: .*http2.*GET \/\).*answered with success/,
    ],
    [
      'because the large answer fits into the buffers of the kernel',
      { requests: { ...quick, large: '/' } },
      /^ERR_CONFORMANCE_REQUEST: .*requests\.large.*8388608 bytes or more, got 2/,
    ],
  ])('says so: %s', async (_why, more, message) => {
    const run = runConformance({ command: service('bare'), requests: quick, ...more });
    await expect(run).rejects.toThrow(message);
  });
});
