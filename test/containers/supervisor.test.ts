import { expect, it } from 'vitest';
import { Ledger } from '@graceful/conformance/client';
import { programsImage } from '../src/containers/images/service-images.js';
import { type ContainerPlan, ServiceContainer } from '../src/containers/service-container.js';
import { Load } from '../src/supervisor/load.js';
import { describeContainers } from './describe-containers.js';

const graceful = 'node_modules/.bin/graceful';
const upgrades = 3;
const DRAIN = JSON.stringify({ idleMs: 1_000 });

/** `graceful run` as the first process of a container, and `app.js` as its service. */
async function supervised(plan: Partial<ContainerPlan> = {}): Promise<ServiceContainer> {
  return await ServiceContainer.ready({
    image: await programsImage(),
    command: [
      graceful,
      'run',
      '--listen',
      'http=3000',
      '--overlap-ms',
      '50',
      '--json',
      '--',
      'node',
      'app.js',
    ],
    env: { DRAIN },
    ...plan,
  });
}

/** Resolves when generation `number` has left. */
async function left(service: ServiceContainer, number: number): Promise<void> {
  const message = `generation ${number} has left`;
  await service.log.until(message, ({ msg }) => msg === message);
}

await describeContainers(
  'graceful run in a container',
  () => {
    it.for([
      { name: 'as PID 1', init: false },
      { name: 'under an init', init: true },
    ])(
      `${upgrades} upgrades by docker exec, one by a signal, then docker stop: nothing is lost; $name`,
      async ({ init }) => {
        await using service = await supervised({ host: { Init: init } });
        using load = new Load({ at: service.address });
        await load.more();
        for (let upgrade = 1; upgrade <= upgrades; upgrade++) {
          const command = [graceful, 'upgrade', '--json', '--', 'node', 'app.js', `v${upgrade + 1}`];
          const { code, output } = await service.exec(command);
          expect(code, output).toBe(0);
          await left(service, upgrade);
          await load.more();
        }
        // To the supervisor alone, whether it is PID 1 or the child of one that passes signals on.
        await service.kill('SIGUSR2');
        await left(service, upgrades + 1);
        await load.more();
        const { versions } = await load.nothingLost();
        expect(versions.toSorted()).toEqual(
          Array.from({ length: upgrades + 1 }, (_, index) => `v${index + 1}`),
        );
        const { code } = await service.stop();
        expect(code, service.output).toBe(0);
      },
    );

    it('when the kernel kills the service for its memory, the container stays, and another is started', async () => {
      const memory = 256 * 2 ** 20;
      await using service = await supervised({ host: { Memory: memory, MemorySwap: memory } });
      const clients = new Ledger();
      try {
        await (await clients.connect(service.address)).send({ path: '/memory?mb=1000' }).settled();
        // Whoever connects meanwhile waits in the queue of the socket, which the supervisor holds.
        expect(await (await clients.connect(service.address)).ask({ path: '/' })).toMatchObject({
          status: 200,
        });
      } finally {
        clients.destroy();
      }
      expect((await service.exec([graceful, 'status'])).code).toBe(0);
      const { code } = await service.stop();
      expect(code, service.output).toBe(0);
    });
  },
  { images: programsImage },
);
