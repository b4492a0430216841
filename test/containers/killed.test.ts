import { expect, it } from 'vitest';
import { Ledger } from '@graceful/conformance/client';
import { programsImage } from '../src/containers/images/service-images.js';
import { ServiceContainer } from '../src/containers/service-container.js';
import { describeContainers } from './describe-containers.js';

const command = ['node', 'app.js'];
const memory = 128 * 2 ** 20;
/** No swap: what does not fit is killed. */
const limited = { Memory: memory, MemorySwap: memory };

/** Ask for more memory than there is; resolves when nobody answers any more. */
async function overeat(service: ServiceContainer): Promise<void> {
  const clients = new Ledger();
  try {
    await (await clients.connect(service.address)).send({ path: '/memory?mb=1000' }).settled();
  } finally {
    clients.destroy();
  }
}

await describeContainers(
  'a service that is killed',
  () => {
    it.for([
      { name: 'as PID 1', init: false },
      { name: 'under an init', init: true },
    ])('by the kernel, for its memory: 137, and the engine knows why; $name', async ({ init }) => {
      const image = await programsImage();
      await using service = await ServiceContainer.ready({
        image,
        command,
        host: { ...limited, Init: init },
      });
      await overeat(service);
      const { code, oomKilled } = await service.exit();
      expect({ code, oomKilled }, service.output).toEqual({ code: 137, oomKilled: true });
      expect(service.report).toBeUndefined();
    });

    it('by docker kill: 137, and the engine knows of no memory', async () => {
      await using service = await ServiceContainer.ready({ image: await programsImage(), command });
      await service.kill('SIGKILL');
      const { code, oomKilled } = await service.exit();
      expect({ code, oomKilled }, service.output).toEqual({ code: 137, oomKilled: false });
    });
  },
  { images: programsImage },
);
