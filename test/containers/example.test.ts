import { expect, it } from 'vitest';
import { Ledger, type Pace } from '@graceful/conformance/client';
import { exampleImage, exampleUnderTini } from '../src/containers/images/service-images.js';
import { ServiceContainer } from '../src/containers/service-container.js';
import { takeAway, untilInFlight } from '../src/examples/departure.js';
import { harm } from '../src/examples/harm.js';
import { describeContainers } from './describe-containers.js';

const pace: Pace = { requests: [{ path: '/' }, { path: '/?ms=30' }], thinkMs: 5 };

const ways = [
  { name: 'as PID 1', pid1: 'node', init: false, image: () => exampleImage('node-http') },
  { name: 'under docker run --init', pid1: 'init', init: true, image: () => exampleImage('node-http') },
  { name: 'under tini of the image', pid1: 'tini', init: false, image: () => exampleUnderTini('node-http') },
] as const;

await describeContainers(
  'an example, as an image of its Dockerfile',
  () => {
    it.for(ways)('leaves under load without losing a request: $name', async ({ image, init, pid1 }) => {
      await using service = await ServiceContainer.ready({
        image: await image(),
        host: { Init: init, ReadonlyRootfs: true, CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'] },
      });
      const clients = new Ledger();
      try {
        const commandOfPid1 = 'fs.readFileSync("/proc/1/cmdline", "utf8").split("\\0")[0]';
        expect((await service.exec(['node', '-p', commandOfPid1])).output).toContain(pid1);
        // Longer than the lame-duck of five seconds and all that comes before it, on a machine that is busy: what the drain waits for.
        const held = (await clients.connect(service.address)).send({ path: '/?ms=12000' });
        await untilInFlight(service.address);

        const exit = await takeAway(service, { clients, held, pace });

        expect(harm(clients)).toEqual([]);
        expect(held.response).toMatchObject({ status: 200, saysClose: true });
        expect(exit, service.output).toMatchObject({ code: 0 });
        expect(service.report).toMatchObject({
          reason: 'SIGTERM',
          verdict: 'clean',
          requests: { dropped: 0 },
          connections: { forced: 0 },
          errors: [],
          heldBy: [],
        });
      } finally {
        clients.destroy();
      }
    });
  },
  {
    images: () => Promise.all(ways.map(({ image }) => image())),
  },
);
