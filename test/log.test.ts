import { describe, expect, it } from 'vitest';
import { Connection } from '@graceful/conformance/client';
import { adapters } from './src/harness/adapters.js';
import { ServiceProcess } from './src/harness/service-process.js';
import { wanted } from './src/scenarios/scenario.js';

describe('when whoever reads the log has gone', () => {
  it('a service leaves in order all the same', async () => {
    const service = await ServiceProcess.start(adapters.coreHttp, wanted());
    try {
      const connection = await Connection.open(service.address());
      const exchange = connection.send({ path: '/hold?id=held' });
      await service.entered('held');
      service.child.stdout?.destroy();
      service.child.stderr?.destroy();

      process.kill(service.pid, 'SIGTERM');
      await service.state('draining');
      service.release('held');

      expect(await exchange.answer()).toMatchObject({ status: 200, saysClose: true });
      expect(await service.exit()).toMatchObject({ code: 0, signal: null });
      expect(service.report).toMatchObject({ verdict: 'clean', requests: { served: 1 } });
    } finally {
      await service.destroy();
    }
  });
});
