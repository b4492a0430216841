import type { Http2Client } from '../client.js';
import { frameTypes } from '../frames.js';
import { type Http2Scenario, type Http2Trial, roomy } from '../trial.js';

/** Far more than a window of flow control holds, and not so much that a busy machine needs the budget for it. */
const bigBytes = 5_000_000;

/** Ask for something that is held until it is released. */
async function hold(trial: Http2Trial, session: Http2Client, id: string) {
  const exchange = session.send({ path: `/hold?id=${id}` });
  await trial.service.entered(id);
  return exchange;
}

export const streams: readonly Http2Scenario[] = [
  {
    name: 'finishes streams that are in flight at the signal, in the lame-duck and in the drain',
    async run(trial) {
      const session = await trial.connect();
      const early = await hold(trial, session, 'early');
      const late = await hold(trial, session, 'late');
      trial.signal();
      await trial.service.state('lame-duck');
      trial.service.release('early');
      trial.equal((await early.answer()).body, 'held early', 'the early answer');
      trial.check(session.usable, 'GOAWAY while another stream was open, within the lame-duck');
      await trial.service.state('draining');
      trial.service.release('late');
      trial.equal((await late.answer()).body, 'held late', 'the late answer');
      await session.closed;
    },
    outcome: { requests: { inFlightAtStart: 2, served: 2, servedInLameDuck: 0 }, connections: { told: 1 } },
  },
  {
    name: 'finishes many streams of one session, in whatever order they end',
    async run(trial) {
      const session = await trial.connect();
      const ids = Array.from({ length: 20 }, (_, index) => `many-${index}`);
      const exchanges = ids.map((id) => session.send({ path: `/hold?id=${id}` }));
      await Promise.all(ids.map((id) => trial.service.entered(id)));
      trial.signal();
      await trial.service.state('draining');
      for (const id of ids.toReversed()) trial.service.release(id);
      const answers = await Promise.all(exchanges.map((exchange) => exchange.answer()));
      trial.equal(
        answers.map(({ body }) => body),
        ids.map((id) => `held ${id}`),
        'the answers',
      );
    },
    outcome: { requests: { inFlightAtStart: 20, served: 20 }, connections: { told: 1 } },
  },
  {
    name: 'serves new streams in the lame-duck on a session that is busy',
    wants: roomy,
    async run(trial) {
      const session = await trial.connect();
      const held = await hold(trial, session, 'held');
      trial.signal();
      await trial.service.state('lame-duck');
      await session.ask({ path: '/' });
      await session.ask({ path: '/slow?ms=5' });
      trial.check(session.usable, 'GOAWAY while a stream was open, within the lame-duck');
      trial.service.release('held');
      await held.answer();
      await session.closed;
    },
    outcome: { requests: { inFlightAtStart: 1, served: 3, servedInLameDuck: 2 }, connections: { told: 1 } },
  },
  {
    name: 'serves a session that opens in the lame-duck, and tells it with its answer',
    wants: roomy,
    async run(trial) {
      trial.signal();
      await trial.service.state('lame-duck');
      const session = await trial.connect();
      await session.ask({ path: '/' });
      await session.closed;
      const { answeredAt = 0 } = session.exchanges[0] ?? {};
      trial.check((session.goaway?.at ?? Infinity) <= answeredAt, 'told after its answer');
    },
    outcome: { requests: { servedInLameDuck: 1, served: 1 }, connections: { told: 1 } },
  },
  {
    name: 'answers clients that ask again and again until they are told, one at a time and many at once',
    wants: roomy,
    async run(trial) {
      const sessions = await Promise.all(Array.from({ length: 6 }, () => trial.connect()));
      const loops = sessions.flatMap((session, index) =>
        Array.from({ length: index < 3 ? 1 : 10 }, () => askUntilTold(session)),
      );
      await trial.service.entered('warm');
      trial.signal();
      await Promise.all(loops);
      await Promise.all(sessions.map(({ closed }) => closed));
      const refused = sessions.slice(0, 3).flatMap(({ exchanges }) => {
        return exchanges.filter(({ fate }) => fate === 'refused');
      });
      trial.equal(refused.length, 0, 'refused of those that ask one at a time');
    },
    outcome: { connections: { told: 6 }, refusedAtMost: 30 },
  },
  {
    name: 'receives the whole of a long upload that began before the signal',
    async run(trial) {
      const session = await trial.connect();
      const upload = session.send({ path: '/count?id=upload', method: 'POST', open: true });
      upload.write(Buffer.alloc(100_000, 'up'));
      await trial.service.entered('upload');
      trial.signal();
      await trial.service.state('lame-duck');
      upload.write(Buffer.alloc(100_000, 'lo'));
      await trial.service.state('draining');
      upload.write(Buffer.alloc(1_000_000, 'ad'));
      upload.end();
      trial.equal((await upload.answer()).body, '1200000', 'bytes of the body');
    },
    outcome: { requests: { inFlightAtStart: 1, served: 1 }, connections: { told: 1 } },
  },
  {
    name: 'sends the whole of large bodies to a slow reader, through flow control',
    wants: { drain: { delayMs: 2_000, requestsMs: 15_000 } },
    async run(trial) {
      const [early, late] = [await trial.connect(), await trial.connect()];
      const before = early.send({ path: `/big?bytes=${bigBytes}&id=early`, unread: true });
      await trial.service.entered('early');
      trial.signal();
      await trial.service.state('lame-duck');
      const after = late.send({ path: `/big?bytes=${bigBytes}&id=late`, unread: true });
      await trial.service.entered('late');
      await trial.service.state('draining');
      trial.equal([before.fate, after.fate], ['waiting', 'waiting'], 'fates of what was not read');
      before.resume();
      after.resume();
      trial.equal((await before.answer()).bodyBytes, bigBytes, 'bytes asked for before the signal');
      trial.equal((await after.answer()).bodyBytes, bigBytes, 'bytes asked for in the lame-duck');
    },
    outcome: { requests: { inFlightAtStart: 1, served: 2 }, connections: { told: 2 } },
  },
  {
    name: 'finishes a response whose head was sent before the signal',
    async run(trial) {
      const session = await trial.connect();
      const exchange = session.send({ path: '/chunked?id=parts' });
      await trial.service.entered('parts');
      trial.signal();
      await trial.service.state('draining');
      trial.service.release('parts');
      trial.equal((await exchange.answer()).body, 'first part, second part, last part', 'the body');
      await session.closed;
    },
    outcome: { requests: { inFlightAtStart: 1, served: 1 }, connections: { told: 1 } },
  },
  {
    name: 'finishes responses that end with their head: to HEAD, 204 and 304',
    wants: roomy,
    async run(trial) {
      const requests = [
        { method: 'HEAD', path: '/', status: 200 },
        { path: '/empty', status: 204 },
        { path: '/unchanged', status: 304 },
        { method: 'HEAD', path: '/big', status: 200 },
      ];
      const sessions = await Promise.all(requests.map(() => trial.connect()));
      trial.signal();
      await trial.service.state('lame-duck');
      const answers = await Promise.all(
        sessions.flatMap((session, index) => {
          const request = requests[index];
          return request ? [session.ask(request)] : [];
        }),
      );
      trial.equal(
        answers.map(({ status, bodyBytes }) => [status, bodyBytes]),
        requests.map(({ status }) => [status, 0]),
        'status and bytes',
      );
      await Promise.all(sessions.map(({ closed }) => closed));
    },
    outcome: { requests: { servedInLameDuck: 4, served: 4 }, connections: { told: 4 } },
  },
  {
    name: 'sends trailers',
    wants: roomy,
    async run(trial) {
      const session = await trial.connect();
      trial.signal();
      await trial.service.state('lame-duck');
      const [{ body, trailers }] = await Promise.all([
        session.ask({ path: '/trailers' }),
        session.ask({ path: '/trailers' }),
      ]);
      trial.equal(body, 'body', 'the body');
      trial.equal(trailers?.['x-checksum'], 'abc', 'the trailer');
    },
    outcome: { requests: { servedInLameDuck: 2, served: 2 }, connections: { told: 1 } },
  },
  {
    name: 'sends the whole of a file that Node sends by itself',
    wants: roomy,
    needs: ({ streams: written }) => written,
    async run(trial) {
      const session = await trial.connect();
      trial.signal();
      await trial.service.state('lame-duck');
      trial.check((await session.ask({ path: '/file' })).body.includes('respondWithFile'), 'not the file');
    },
    outcome: { requests: { servedInLameDuck: 1, served: 1 }, connections: { told: 1 } },
  },
  {
    name: 'does not wait for a stream that its client took back, nor count it',
    async run(trial) {
      const session = await trial.connect();
      const exchange = session.send({ path: '/never?id=taken-back' });
      await trial.service.entered('taken-back');
      trial.signal();
      await trial.service.state('draining');
      exchange.cancel();
      await session.closed;
    },
    outcome: {
      requests: { inFlightAtStart: 1, served: 0, dropped: 0 },
      connections: { told: 1 },
      drainMs: [0, 1_500],
    },
  },
  {
    name: 'tells a session whose only stream was taken back in the lame-duck',
    wants: roomy,
    async run(trial) {
      const session = await trial.connect();
      const exchange = session.send({ path: '/never?id=taken-back' });
      await trial.service.entered('taken-back');
      trial.signal();
      await trial.service.state('lame-duck');
      exchange.cancel();
      await session.closed;
    },
    outcome: { requests: { inFlightAtStart: 1, served: 0 }, connections: { told: 1 }, drainMs: [0, 1_500] },
  },
  {
    name: 'does not wait for a session whose client has gone',
    async run(trial) {
      const session = await trial.connect();
      session.send({ path: '/never?id=abandoned', doomed: true });
      await trial.service.entered('abandoned');
      trial.signal();
      await session.untilGoaway;
      session.destroy();
    },
    outcome: {
      requests: { inFlightAtStart: 1, served: 0, dropped: 0 },
      connections: { told: 1 },
      drainMs: [0, 1_500],
    },
  },
  {
    name: 'cuts streams at the end of the budget, and says so',
    wants: { drain: { requestsMs: 700 } },
    async run(trial) {
      const session = await trial.connect();
      for (const id of ['one', 'two']) session.send({ path: `/never?id=${id}`, doomed: true });
      await trial.service.entered('one');
      await trial.service.entered('two');
      trial.signal();
      await session.closed;
    },
    outcome: {
      exitCode: 1,
      verdict: 'forced',
      requests: { inFlightAtStart: 2, served: 0, dropped: 2 },
      connections: { told: 0, forced: 1 },
      drainMs: [600, 1_700],
    },
  },
  {
    name: 'waits for a tunnel, and leaves the rest of its session as it is',
    wants: roomy,
    needs: ({ streams: written, tls }) => written && !tls,
    async run(trial) {
      const client = await trial.connectFrames();
      const tunnel = client.request({ method: 'CONNECT', path: 'tunnel', body: true });
      await trial.service.entered('tunnel');
      trial.signal();
      await trial.service.state('lame-duck');
      await client.ended(client.request({ path: '/' }));
      await trial.service.state('draining');
      client.body(tunnel, Buffer.from('there and back'), true);
      await client.ended(tunnel);
      const back = client.frames.filter(({ stream, type }) => stream === tunnel && type === frameTypes.data);
      const text = Buffer.concat(back.map(({ payload }) => payload)).toString();
      trial.equal(text, 'there and back', 'what came through the tunnel');
    },
    outcome: { requests: { inFlightAtStart: 1, dropped: 0 }, connections: { told: 1 } },
  },
  {
    name: 'cuts a tunnel at the end of the budget',
    wants: { drain: { requestsMs: 700 } },
    needs: ({ streams: written, tls }) => written && !tls,
    async run(trial) {
      const client = await trial.connectFrames();
      client.request({ method: 'CONNECT', path: 'tunnel', body: true });
      await trial.service.entered('tunnel');
      trial.signal();
      await client.closed;
    },
    outcome: {
      exitCode: 1,
      verdict: 'forced',
      requests: { inFlightAtStart: 1, served: 0, dropped: 1 },
      connections: { told: 0, forced: 1 },
      drainMs: [600, 1_700],
    },
  },
  {
    name: 'counts errors like every other answer',
    wants: roomy,
    async run(trial) {
      const session = await trial.connect();
      trial.signal();
      await trial.service.state('lame-duck');
      const [nowhere, thrown] = [session.send({ path: '/nowhere' }), session.send({ path: '/throws' })];
      trial.equal((await nowhere.answer()).status, 404, 'status of an unknown path');
      trial.equal((await thrown.answer()).status, 500, 'status of a handler that throws');
    },
    outcome: { requests: { servedInLameDuck: 2, served: 2 }, connections: { told: 1 } },
  },
];

/** Like a client of an API: the next request as soon as an answer is here, until GOAWAY. */
async function askUntilTold(session: Http2Client): Promise<void> {
  for (let turn = 0; session.usable; turn++) {
    await session.send({ path: turn === 3 ? '/count?id=warm' : '/slow?ms=2' }).settled();
  }
}
