import { type Http2Scenario, type Http2Trial, roomy } from '../trial.js';

function stateAt({ service }: Http2Trial, name: string): number {
  const noted = service.notices.find((notice) => notice.type === 'state' && notice.state === name);
  return noted?.at ?? Infinity;
}

export const sessions: readonly Http2Scenario[] = [
  {
    name: 'tells idle sessions within the lame-duck, and closes them at once',
    wants: { drain: { delayMs: 3_000 } },
    async run(trial) {
      const idle = await Promise.all(Array.from({ length: 5 }, () => trial.connect()));
      await Promise.all(idle.map((session) => session.ask({ path: '/' })));
      trial.signal();
      await Promise.all(idle.map(({ closed }) => closed));
      const { length } = idle.filter(({ end }) => (end?.at ?? Infinity) < stateAt(trial, 'draining'));
      trial.equal(length, 5, 'sessions that ended within the lame-duck');
    },
    outcome: { requests: { inFlightAtStart: 0, served: 0 }, connections: { told: 5 }, drainMs: [0, 500] },
  },
  {
    name: 'tells idle sessions at the end of a lame-duck that is too short for more',
    wants: { drain: { delayMs: 10 } },
    async run(trial) {
      const idle = await Promise.all([trial.connect(), trial.connect()]);
      await Promise.all(idle.map((session) => session.ask({ path: '/' })));
      trial.signal();
      await Promise.all(idle.map(({ closed }) => closed));
    },
    outcome: { connections: { told: 2 }, drainMs: [0, 500] },
  },
  {
    name: 'waits a moment for the first request of a session, and serves it',
    wants: { drain: { delayMs: 10 } },
    async run(trial) {
      const session = await trial.connect();
      trial.signal();
      await trial.service.state('draining');
      trial.equal((await session.ask({ path: '/' })).body, 'ok', 'the answer');
      await session.closed;
    },
    outcome: { requests: { served: 1 }, connections: { told: 1 }, drainMs: [0, 2_500] },
  },
  {
    name: 'lets go of a session that never asks, two seconds after it came at the latest',
    wants: { drain: { delayMs: 10 } },
    async run(trial) {
      const session = await trial.connect();
      trial.signal();
      await session.closed;
      const openMs = (session.end?.at ?? Infinity) - session.openedAt;
      // Far less than the budget, which it would have otherwise.
      trial.check(openMs < 5_000, `open for ${openMs.toFixed(0)} ms`);
    },
    outcome: { requests: { served: 0 }, connections: { told: 1 }, drainMs: [0, 2_500] },
  },
  {
    name: 'tells a session that is never quiet at the end of the lame-duck',
    wants: roomy,
    async run(trial) {
      const session = await trial.connect();
      let turn = 0;
      // Each is asked before the one before it is answered.
      const loops = [0, 1, 2].map(async (offset) => {
        await session.send({ path: `/slow?ms=${30 + offset * 10}` }).settled();
        while (session.usable) {
          turn++;
          await session.send({ path: `/slow?ms=${20 + (turn % 7) * 5}` }).settled();
        }
      });
      trial.signal();
      await Promise.all([...loops, session.closed]);
    },
    outcome: { connections: { told: 1 } },
  },
  {
    name: 'leaves a client that is told a moment to read the answers it has received, before it closes',
    wants: { drain: { delayMs: 4_000 } },
    async run(trial) {
      const [slow, alone] = [await trial.connect(), await trial.connect()];
      const ids = ['one', 'other', 'only'];
      const exchanges = ids.map((id) => {
        return (id === 'only' ? alone : slow).send({ path: `/hold?id=${id}`, unread: true });
      });
      await Promise.all(ids.map((id) => trial.service.entered(id)));
      trial.signal();
      await trial.service.state('lame-duck');
      for (const id of ids) trial.service.release(id);
      await Promise.all([slow.untilGoaway, alone.untilGoaway]);
      const finished = await Promise.all(ids.map((id) => trial.service.finished(id)));
      // For each of these the service has had a turn: one that closes behind its last answer has done so.
      const other = await trial.connect();
      const busy = other.send({ path: '/hold?id=busy' });
      for (let trip = 0; trip < 5; trip++) await other.ask({ path: '/' });
      for (const exchange of exchanges) exchange.resume();
      // A second is promised; on a machine that stood still for longer, nothing was.
      const tookMs = performance.now() - Math.min(...finished.map(({ at }) => at));
      await Promise.all([slow.closed, alone.closed]);
      if (tookMs > 900) for (const exchange of exchanges) exchange.excuse();
      trial.service.release('busy');
      await busy.answer();
    },
    outcome: { requests: { inFlightAtStart: 3, served: 9 }, connections: { told: 3 } },
  },
  {
    name: 'does not wait for a client that never closes its side',
    needs: ({ tls }) => !tls,
    async run(trial) {
      const client = await trial.connectFrames({ stubborn: true });
      const stream = client.request({ path: '/hold?id=held' });
      await trial.service.entered('held');
      trial.signal();
      await trial.service.state('draining');
      trial.service.release('held');
      await client.ended(stream);
      await client.closed;
    },
    outcome: { requests: { served: 1 }, connections: { told: 1, forced: 0 }, drainMs: [0, 3_000] },
  },
  {
    name: 'does not wait for a client that leaves PING unanswered',
    needs: ({ tls }) => !tls,
    async run(trial) {
      const client = await trial.connectFrames({ deaf: true });
      const opened = ['one', 'two'].map((id) => client.request({ path: `/hold?id=${id}` }));
      await Promise.all(['one', 'two'].map((id) => trial.service.entered(id)));
      trial.signal();
      await trial.service.state('draining');
      for (const id of ['one', 'two']) trial.service.release(id);
      await Promise.all(opened.map((stream) => client.ended(stream)));
    },
    outcome: { requests: { served: 2 }, connections: { told: 1 }, drainMs: [0, 2_000] },
  },
];
