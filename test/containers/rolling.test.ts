import { expect, it } from 'vitest';
import { within } from '@graceful/conformance/client';
import { programsImage } from '../src/containers/images/service-images.js';
import { Held } from '../src/containers/held.js';
import { Leftovers } from '../src/containers/leftovers.js';
import { type ContainerExit, ServiceContainer } from '../src/containers/service-container.js';
import { untilQuiet } from '../src/harness/stay.js';
import { haproxyAtRuntime } from '../src/proxies/haproxy-ways.js';
import type { Steps } from '../src/proxies/way.js';
import { Load } from '../src/supervisor/load.js';
import { describeContainers } from './describe-containers.js';

const places = ['a', 'b', 'c'] as const;
const patienceMs = 100_000;

interface Departed {
  readonly service: ServiceContainer;
  readonly exit: ContainerExit;
}

await describeContainers(
  'a rolling replacement behind HAProxy',
  () => {
    it('three containers are replaced under load, one after the other, and nobody notices', async () => {
      await using stack = new Leftovers();
      const image = await programsImage();
      const start = async (version: string) =>
        stack.use(
          await ServiceContainer.ready({
            image,
            command: ['node', 'app.js', version],
            env: { DRAIN: JSON.stringify(untilQuiet) },
          }),
        );
      const serving = { a: await start('v1'), b: await start('v1'), c: await start('v1') };
      const ports = Object.fromEntries(places.map((place) => [place, serving[place].address.port]));
      const way = await haproxyAtRuntime.begin(ports);
      stack.defer(() => way.end());
      const load = stack.use(new Load({ at: way.address, kept: 6, fresh: 6, slow: 2 }));
      await load.more(200);

      const departed: Departed[] = [];
      for (const place of places) {
        const old = serving[place];
        let held: Held | undefined;
        const steps: Steps = {
          old: old.address,
          start: async () => {
            serving[place] = await start('v2');
            return serving[place].address.port;
          },
          terminate: async () => {
            // It stays until HAProxy has noticed, however busy the machine is.
            held = stack.use(await Held.at(old));
            old.terminate();
            await old.state('lame-duck');
            await load.more(100);
          },
          gone: async () => {
            await load.more(100);
            await held?.release();
            departed.push({ service: old, exit: await old.exit() });
          },
        };
        await within(patienceMs, `the replacement of ${place}`, way.replace(place, steps));
        await load.more(200);
      }

      const { answered, versions } = await load.nothingLost();
      expect(await way.complaints(), way.log).toEqual([]);
      expect(versions.toSorted()).toEqual(['v1', 'v2']);
      expect(answered).toBeGreaterThan(1_000);
      for (const place of places)
        departed.push({ service: serving[place], exit: await serving[place].stop() });
      expect(departed).toHaveLength(6);
      for (const { service, exit } of departed) {
        expect(exit, service.output).toMatchObject({ code: 0 });
        expect(service.report).toMatchObject({
          verdict: 'clean',
          reason: 'SIGTERM',
          requests: { dropped: 0 },
          connections: { forced: 0 },
        });
      }
    });
  },
  { images: programsImage, programs: ['haproxy'] },
);
