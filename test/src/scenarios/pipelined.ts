import type { Exchange } from '@graceful/conformance/client';
import type { Trial } from '../harness/trial.js';
import { roomy, type Scenario } from './scenario.js';

/** All are answered, and only the last says that it is the last. */
async function onlyTheLastSaysClose(trial: Trial, exchanges: readonly Exchange[]): Promise<void> {
  const answers = await Promise.all(exchanges.map((exchange) => exchange.answer()));
  const said = answers.map(({ saysClose }) => saysClose);
  trial.equal(said, [...said.slice(1).map(() => false), true], 'Connection: close, answer by answer');
}

const three = [{ path: '/' }, { path: '/' }, { path: '/' }];

export const pipelined: readonly Scenario[] = [
  {
    name: 'answers requests that came in one piece, by handlers that answer at once',
    wants: roomy,
    async run(trial) {
      const [fresh, silent, used] = [await trial.connect(), await trial.connect(), await trial.connect()];
      await used.ask({ path: '/' });
      trial.signal();
      await trial.service.state('lame-duck');
      await onlyTheLastSaysClose(trial, fresh.pipeline(three));
      await trial.service.state('draining');
      await onlyTheLastSaysClose(trial, silent.pipeline(three));
      await onlyTheLastSaysClose(trial, used.pipeline(three));
    },
    outcome: { requests: { servedInLameDuck: 3, served: 9 }, connections: { told: 3, idle: 0, client: 0 } },
  },
  {
    name: 'answers requests that came in one piece, by handlers that take their time',
    async run(trial) {
      const connection = await trial.connect();
      const exchanges = connection.pipeline([
        { path: '/hold?id=a' },
        { path: '/hold?id=b' },
        { path: '/hold?id=c' },
      ]);
      await Promise.all(['a', 'b', 'c'].map((id) => trial.service.entered(id)));
      trial.signal();
      await trial.service.state('draining');
      // The second is ready before the first: it has to wait its turn.
      for (const id of ['b', 'a', 'c']) trial.service.release(id);
      await onlyTheLastSaysClose(trial, exchanges);
    },
    outcome: {
      requests: { inFlightAtStart: 3, served: 3, servedInLameDuck: 0 },
      connections: { told: 1, idle: 0, client: 0 },
    },
  },
  {
    name: 'answers requests that came in one piece, slow and quick ones mixed',
    wants: roomy,
    async run(trial) {
      const [first, second] = [await trial.connect(), await trial.connect()];
      trial.signal();
      await trial.service.state('lame-duck');
      const slowFirst = first.pipeline([{ path: '/hold?id=slow' }, { path: '/' }, { path: '/' }]);
      const slowLast = second.pipeline([{ path: '/' }, { path: '/slow?ms=30' }, { path: '/hold?id=last' }]);
      await Promise.all([trial.service.entered('slow'), trial.service.entered('last')]);
      await trial.service.state('draining');
      trial.service.release('slow');
      trial.service.release('last');
      await onlyTheLastSaysClose(trial, slowFirst);
      await onlyTheLastSaysClose(trial, slowLast);
    },
    outcome: {
      requests: { served: 6, servedInLameDuck: 6 },
      connections: { told: 2, idle: 0, client: 0 },
    },
  },
  {
    name: 'answers requests with bodies that came in one piece',
    wants: roomy,
    async run(trial) {
      const connection = await trial.connect();
      trial.signal();
      await trial.service.state('lame-duck');
      const posts = ['one', 'two', 'three'].map((body) => ({ method: 'POST', path: '/echo', body }));
      const exchanges = connection.pipeline(posts);
      await onlyTheLastSaysClose(trial, exchanges);
      trial.equal(
        exchanges.map(({ response }) => response?.body),
        ['one', 'two', 'three'],
        'the bodies',
      );
    },
    outcome: { requests: { served: 3, servedInLameDuck: 3 }, connections: { told: 1 } },
  },
  {
    name: 'answers a request that came behind one in flight, before and after the listener closed',
    wants: roomy,
    async run(trial) {
      const [early, late] = [await trial.connect(), await trial.connect()];
      const first = [early.send({ path: '/hold?id=early' }), late.send({ path: '/hold?id=late' })];
      await Promise.all([trial.service.entered('early'), trial.service.entered('late')]);
      trial.signal();
      await trial.service.state('lame-duck');
      const second = early.send({ path: '/hold?id=behind%20early' });
      await trial.service.entered('behind early');
      await trial.service.state('draining');
      const third = late.send({ path: '/hold?id=behind%20late' });
      await trial.service.entered('behind late');
      for (const id of ['early', 'late', 'behind early', 'behind late']) trial.service.release(id);
      await onlyTheLastSaysClose(trial, [...first.slice(0, 1), second]);
      await onlyTheLastSaysClose(trial, [...first.slice(1), third]);
    },
    outcome: {
      requests: { inFlightAtStart: 2, served: 4, servedInLameDuck: 1 },
      connections: { told: 2, idle: 0, client: 0 },
    },
  },
  {
    name: 'answers a long row of requests that came in one piece',
    wants: roomy,
    async run(trial) {
      const [early, late] = [await trial.connect(), await trial.connect()];
      const row = Array.from({ length: 60 }, () => ({ path: '/' }));
      trial.signal();
      await trial.service.state('lame-duck');
      await onlyTheLastSaysClose(trial, early.pipeline(row));
      await trial.service.state('draining');
      await onlyTheLastSaysClose(trial, late.pipeline(row));
    },
    outcome: {
      requests: { served: 120, servedInLameDuck: 60 },
      connections: { told: 2, idle: 0, client: 0 },
    },
  },
  {
    name: 'serves a request of which half came in one piece with the one before',
    async run(trial) {
      const connection = await trial.connect();
      trial.signal();
      await trial.service.state('lame-duck');
      const [whole, half] = connection.pipeline([{ path: '/' }, { path: '/' }], 10);
      await whole?.answer();
      // A client that was told would keep the other half; one that was not may go on.
      if (connection.usable) await half?.send().answer();
      trial.check(connection.told, 'the client was never told');
    },
    outcome: { connections: { told: 1, forced: 0 } },
  },
];
