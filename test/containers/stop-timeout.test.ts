import type { DrainOptions } from '@graceful/core';
import { expect, it } from 'vitest';
import { Held } from '../src/containers/held.js';
import { programsImage } from '../src/containers/images/service-images.js';
import { type ContainerPlan, ServiceContainer } from '../src/containers/service-container.js';
import { describeContainers } from './describe-containers.js';

/** A service with a request in flight that is answered when the test says so. */
async function busy(plan: Omit<ContainerPlan, 'image'>): Promise<{ service: ServiceContainer; held: Held }> {
  const image = await programsImage();
  const service = await ServiceContainer.ready({ image, command: ['node', 'app.js'], ...plan });
  return { service, held: await Held.at(service) };
}

function drain(options: DrainOptions): Record<string, string> {
  return { DRAIN: JSON.stringify(options) };
}

await describeContainers(
  'docker stop and its timeout',
  () => {
    it('a drain that takes longer than the 10 s of docker stop is killed: 137, the request is lost, and no report is there', async () => {
      const { service, held } = await busy({ env: drain({ delayMs: 0, requestsMs: 60_000 }) });
      await using _service = service;
      using _held = held;
      const begun = performance.now();
      const { code, oomKilled, at } = await service.stop('its own');
      expect(at - begun).toBeGreaterThanOrEqual(10_000);
      expect(await held.exchange.settled()).toBe('lost');
      // Nobody outlives SIGKILL to write a report; that it is missing behind "draining" is what there is to see.
      expect({ code, oomKilled }, service.output).toEqual({ code: 137, oomKilled: false });
      expect(service.log.all.findLast(({ state }) => state)?.state).toBe('draining');
      expect(service.report).toBeUndefined();
    });

    it('a container that was made with a longer one is given it', async () => {
      // The connection that releases the request is idle for that long.
      const env = drain({ delayMs: 0, requestsMs: 60_000, idleMs: 60_000 });
      const { service, held } = await busy({ env, create: { StopTimeout: 60 } });
      await using _service = service;
      using _held = held;
      const begun = performance.now();
      service.terminate('its own');
      await service.state('draining');
      // Only a test that waits for longer than the 10 s of docker stop could tell.
      await new Promise((resolve) => setTimeout(resolve, 10_500 - (performance.now() - begun)));
      await held.release();
      const { code, at } = await service.exit();
      expect(at - begun).toBeGreaterThan(10_000);
      expect(await held.exchange.settled()).toBe('answered');
      expect(code, service.output).toBe(0);
      expect(service.report).toMatchObject({ verdict: 'clean', requests: { dropped: 0 } });
    });

    it('budgets below the timeout: the request is dropped all the same, and the report says so', async () => {
      const { service, held } = await busy({ env: drain({ delayMs: 0, requestsMs: 1_000 }) });
      await using _service = service;
      using _held = held;
      const { code } = await service.stop(30);
      expect(await held.exchange.settled()).toBe('lost');
      expect(code, service.output).toBe(1);
      expect(service.report).toMatchObject({ verdict: 'forced', exitCode: 1, requests: { dropped: 1 } });
    });

    it('docker stop --time 0 is SIGKILL and nothing else', async () => {
      const { service, held } = await busy({ env: drain({ delayMs: 0, requestsMs: 60_000 }) });
      await using _service = service;
      using _held = held;
      const { code } = await service.stop(0);
      expect(await held.exchange.settled()).toBe('lost');
      expect(code).toBe(137);
      expect(service.report).toBeUndefined();
    });
  },
  { images: programsImage },
);
