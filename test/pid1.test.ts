import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Connection } from '@graceful/conformance/client';
import { adapters } from './src/harness/adapters.js';
import { canMakePidNamespace, childOf, inPidNamespace } from './src/harness/pid-namespace.js';
import { readLog } from './src/harness/report.js';
import { ServiceProcess } from './src/harness/service-process.js';
import { wanted } from './src/scenarios/scenario.js';

const possible = canMakePidNamespace();
const required = process.env['REQUIRE_PID_NAMESPACE'] === '1';

if (!possible) {
  console.warn(
    'NOT RUN: the service as PID 1. `unshare --pid` is not permitted here; REQUIRE_PID_NAMESPACE=1 makes this a failure.',
  );
}

it.runIf(required)('a PID namespace can be made, as REQUIRE_PID_NAMESPACE=1 demands', () => {
  expect(possible).toBe(true);
});

// The kernel drops signals to a PID 1 that has no handler for them, and whoever
// ends by sending the signal to itself once more stays alive for ever.
describe.runIf(possible)('as PID 1 in a container', () => {
  it.each(Object.values(adapters))('a service leaves in order at SIGTERM: $name', async (adapter) => {
    const config = wanted({ hooks: [{ name: 'pool', does: 'ends' }] });
    const service = await ServiceProcess.start(adapter, config, inPidNamespace);
    try {
      const pid = childOf(service.pid);
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^NSpid:\s+\d+\s+1$/m);
      const connection = await Connection.open(service.address());
      const exchange = connection.send({ path: '/hold?id=held' });
      await service.entered('held');

      process.kill(pid, 'SIGTERM');
      await service.state('draining');
      service.release('held');

      expect(await exchange.answer()).toMatchObject({ status: 200, saysClose: true });
      expect(await service.exit()).toMatchObject({ code: 0, signal: null });
      expect(readLog(service.stdout).reports).toMatchObject([{ verdict: 'clean' }]);
    } finally {
      await service.destroy();
    }
  });
});
