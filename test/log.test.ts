import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Connection, within } from '@graceful/conformance/client';
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

  it('one that writes a log of its own leaves, too: what cannot be printed is not printed again', async () => {
    const child = fork(new URL('dist/services/unheard.js', import.meta.url), {
      execPath: process.env['GRACEFUL_TEST_NODE'] ?? process.execPath,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'message');
    const closed = once(child.stderr as Readable, 'close');
    child.stderr?.destroy();
    await closed;

    const exit = once(child, 'exit');
    child.send('write');

    expect(await within(10_000, 'the exit', exit)).toEqual([1, null]);
  });
});
