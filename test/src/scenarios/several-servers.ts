import { roomy, type Scenario } from './scenario.js';

export const severalServers: readonly Scenario[] = [
  {
    name: 'drains several servers under one lifecycle, and none at the cost of another',
    wants: { ...roomy, secondServer: true, hooks: [{ name: 'pool', does: 'ends' }] },
    async run(trial) {
      const { service, clients } = trial;
      const one = await trial.connect();
      const other = await clients.connect(service.address(1));
      const [first, second] = [one.send({ path: '/hold?id=first' }), other.send({ path: '/hold?id=second' })];
      await Promise.all([service.entered('first'), service.entered('second')]);
      trial.signal();
      await service.state('lame-duck');
      const late = await clients.connect(service.address(1));
      await late.ask({ path: '/' });
      await service.state('draining');
      service.release('first');
      await first.answer();
      service.release('second');
      await second.answer();
    },
    outcome: {
      requests: { inFlightAtStart: 2, served: 3, servedInLameDuck: 1 },
      connections: { told: 3 },
      hooks: { pool: 'ok' },
    },
  },
];
