import type { Http2Client } from '../client.js';
import { type Http2Scenario, type Http2Trial, roomy } from '../trial.js';

const paths = ['/healthz', '/readyz', '/startupz'];

async function expectProbes(
  trial: Http2Trial,
  session: Http2Client,
  state: string,
  expected: readonly number[],
): Promise<void> {
  const answers = await Promise.all(paths.map((path) => session.ask({ path, probe: true })));
  trial.equal(
    answers.map(({ status }) => status),
    expected,
    `/healthz, /readyz, /startupz in the state ${state}`,
  );
  for (const { headers, body } of answers) {
    trial.equal(headers['cache-control'], 'no-store', 'Cache-Control');
    trial.equal((JSON.parse(body) as { state?: string }).state, state, 'the state in the body');
  }
  const head = await session.ask({ method: 'HEAD', path: '/readyz?verbose', probe: true });
  trial.equal([head.status, head.bodyBytes], [expected[1], 0], `HEAD in the state ${state}`);
  trial.check(Number(head.headers['content-length']) > 0, 'HEAD says no length');
}

async function inFlight(session: Http2Client): Promise<number | undefined> {
  const { body } = await session.ask({ path: '/healthz', probe: true });
  return (JSON.parse(body) as { inFlight?: number }).inFlight;
}

export const probes: readonly Http2Scenario[] = [
  {
    name: 'answers probes in every state, and counts them as no work',
    wants: { ...roomy, heldBack: true },
    async run(trial) {
      const session = await trial.connect();
      await expectProbes(trial, session, 'starting', [200, 503, 503]);
      trial.service.tell({ type: 'ready' });
      await trial.service.state('ready');
      await expectProbes(trial, session, 'ready', [200, 200, 200]);
      const work = session.send({ path: '/hold?id=work' });
      await trial.service.entered('work');
      trial.signal();
      await trial.service.state('lame-duck');
      await expectProbes(trial, session, 'lame-duck', [200, 503, 200]);
      trial.service.release('work');
      await work.answer();
      await session.closed;
    },
    outcome: { requests: { inFlightAtStart: 1, served: 1, servedInLameDuck: 0 }, connections: { told: 1 } },
  },
  {
    name: 'counts streams, not sessions',
    async run(trial) {
      const session = await trial.connect();
      trial.equal(await inFlight(session), 0, 'in flight before');
      const ids = ['one', 'two', 'three'];
      const exchanges = ids.map((id) => session.send({ path: `/hold?id=${id}` }));
      await Promise.all(ids.map((id) => trial.service.entered(id)));
      trial.equal(await inFlight(session), 3, 'in flight with three streams');
      exchanges[0]?.cancel();
      // An answer behind it: what came before is done.
      await session.ask({ path: '/' });
      trial.equal(await inFlight(session), 2, 'in flight when one was taken back');
      for (const id of ids) trial.service.release(id);
      await Promise.all(exchanges.map((exchange) => exchange.settled()));
      trial.equal(await inFlight(session), 0, 'in flight after');
      trial.signal();
      await session.closed;
    },
    outcome: { requests: { inFlightAtStart: 0, served: 0 }, connections: { told: 1 } },
  },
  {
    name: 'tells a session that carries nothing but probes',
    wants: roomy,
    async run(trial) {
      const session = await trial.connect();
      trial.signal();
      await trial.service.state('lame-duck');
      while (session.usable) await session.send({ path: '/readyz', probe: true }).settled();
      await session.closed;
    },
    outcome: { requests: { inFlightAtStart: 0, served: 0 }, connections: { told: 1 }, drainMs: [0, 1_000] },
  },
];
