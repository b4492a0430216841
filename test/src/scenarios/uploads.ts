import type { Connection, Exchange, RawResponse } from '@graceful/conformance/client';
import { roomy, type Scenario } from './scenario.js';

const bodyBytes = 300_000;
const body = Buffer.alloc(bodyBytes, 'slow ');

/** Goes on sending as a client does that has not heard yet, and stops when it is answered. */
async function sendUntilAnswered(connection: Connection, exchange: Exchange): Promise<RawResponse> {
  exchange.send(exchange.wire.headBytes);
  while (exchange.fate === 'sending') {
    exchange.send(65_536);
    await Promise.race([connection.flushed(), exchange.settled()]);
  }
  const answer = await exchange.answer();
  connection.close();
  return answer;
}

export const uploads: readonly Scenario[] = [
  {
    name: 'takes the rest of a slow upload',
    async run(trial) {
      const [plain, chunked] = [await trial.connect(), await trial.connect()];
      const exchanges = [
        plain.draft({ method: 'POST', path: '/count?id=plain', body }),
        chunked.draft({ method: 'POST', path: '/count?id=chunked', body, chunkBytes: 10_000 }),
      ];
      for (const exchange of exchanges) exchange.send(exchange.wire.headBytes + 50_000);
      await Promise.all([trial.service.entered('plain'), trial.service.entered('chunked')]);
      trial.signal();
      await trial.service.state('lame-duck');
      for (const exchange of exchanges) exchange.send(100_000);
      await trial.service.state('draining');
      for (const exchange of exchanges) {
        const answer = await exchange.send().answer();
        trial.equal(answer.body, String(bodyBytes), 'bytes that the service counted');
        trial.check(answer.saysClose, 'the answer did not say Connection: close');
      }
    },
    outcome: {
      requests: { inFlightAtStart: 2, served: 2, servedInLameDuck: 0 },
      connections: { told: 2, idle: 0, client: 0 },
    },
  },
  {
    name: 'takes an upload that waits for "100 Continue"',
    wants: roomy,
    async run(trial) {
      const connection = await trial.connect();
      trial.signal();
      await trial.service.state('lame-duck');
      const headers = { Expect: '100-continue' };
      const exchange = connection.draft({ method: 'POST', path: '/count?id=patient', body, headers });
      exchange.send(exchange.wire.headBytes);
      await trial.service.entered('patient');
      await trial.service.state('draining');
      trial.equal((await exchange.send().answer()).body, String(bodyBytes), 'bytes that the service counted');
    },
    outcome: { requests: { served: 1, servedInLameDuck: 1 }, connections: { told: 1 } },
  },
  {
    name: 'gives an early answer whole to a client that still sends its body',
    wants: roomy,
    async run(trial) {
      const [first, second] = [await trial.connect(), await trial.connect()];
      const upload = { method: 'POST', path: '/refuse', body: Buffer.alloc(8_000_000) };
      trial.signal();
      await trial.service.state('lame-duck');
      trial.equal(
        (await sendUntilAnswered(first, first.draft(upload))).status,
        413,
        'status in the lame-duck',
      );
      await trial.service.state('draining');
      trial.equal((await sendUntilAnswered(second, second.draft(upload))).status, 413, 'status in the drain');
    },
  },
  {
    name: 'gives an early answer whole to a client that sends first and reads later',
    async run(trial) {
      const connection = await trial.connect();
      connection.pause();
      trial.signal();
      await trial.service.state('lame-duck');
      // More than the window of a receiver that does not read: a reset would throw the rest away.
      const path = `/refuse?id=refused&bytes=${bodyBytes}`;
      const exchange = connection.draft({ method: 'POST', path, body: Buffer.alloc(8_000_000) });
      exchange.send(1_000_000);
      await trial.service.finished('refused');
      connection.resume();
      const answer = await exchange.answer();
      trial.equal(answer.bodyBytes, bodyBytes, 'bytes of the answer');
      connection.close();
    },
  },
  {
    name: 'gives up a body that never comes whole, at the end of the budget',
    wants: { drain: { requestsMs: 700, idleMs: 300 } },
    async run(trial) {
      const connection = await trial.connect();
      const exchange = connection.draft({ method: 'POST', path: '/count?id=half', body });
      exchange.send(exchange.wire.headBytes + 50_000);
      await trial.service.entered('half');
      trial.signal();
      await connection.closed;
    },
    outcome: {
      exitCode: 1,
      verdict: 'forced',
      requests: { inFlightAtStart: 1, served: 0, dropped: 1 },
      connections: { forced: 1 },
      drainMs: [600, 1_700],
    },
  },
];
