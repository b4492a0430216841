import { askUntilTold } from '@graceful/conformance/client';
import { type Http2Scenario, type Needs, roomy } from '../trial.js';

const both: Needs = ({ http1 }) => http1;

export const sideBySide: readonly Http2Scenario[] = [
  {
    name: 'serves HTTP/1.1 and HTTP/2 clients side by side on one port',
    wants: roomy,
    needs: both,
    async run(trial) {
      const [session, connection] = [await trial.connect(), await trial.connectHttp1()];
      const stream = session.send({ path: '/hold?id=two' });
      const request = connection.send({ path: '/hold?id=one' });
      await Promise.all([trial.service.entered('one'), trial.service.entered('two')]);
      trial.signal();
      await trial.service.state('lame-duck');
      const [late, lateHttp1] = [await trial.connect(), await trial.connectHttp1()];
      await late.ask({ path: '/' });
      trial.check((await lateHttp1.ask({ path: '/' })).saysClose, 'HTTP/1.1 was not told');
      await trial.service.state('draining');
      trial.service.release('one');
      trial.service.release('two');
      await stream.answer();
      trial.check((await request.answer()).saysClose, 'HTTP/1.1 was not told');
      await session.closed;
    },
    outcome: { requests: { inFlightAtStart: 2, served: 4, servedInLameDuck: 2 }, connections: { told: 4 } },
  },
  {
    name: 'answers clients of both kinds that go on until they are told',
    wants: roomy,
    needs: both,
    async run(trial) {
      const sessions = await Promise.all(Array.from({ length: 4 }, () => trial.connect()));
      const connections = await Promise.all(Array.from({ length: 4 }, () => trial.connectHttp1()));
      const pace = {
        requests: [{ path: '/' }, { path: '/slow?ms=5' }, { path: '/count?id=warm' }],
        thinkMs: 5,
      };
      const loops = [
        ...sessions.map(async (session) => {
          for (let turn = 0; session.usable; turn++) {
            await session.send(pace.requests[turn % pace.requests.length] ?? { path: '/' }).settled();
          }
        }),
        ...connections.map((connection) => askUntilTold(connection, pace)),
      ];
      await trial.service.entered('warm');
      trial.signal();
      await Promise.all(loops);
    },
    outcome: { connections: { told: 8 } },
  },
];
