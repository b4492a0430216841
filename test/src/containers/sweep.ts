import { existsSync } from 'node:fs';
import { type Docker, docker } from './engine.js';

const label = 'graceful.test.run';

/** Whose containers they are: the process of vitest that started the workers, `leave-nothing.ts` says which. */
const run = process.env['GRACEFUL_CONTAINERS_RUN'] ?? String(process.pid);

/** Whether images are kept for the next run, which is quicker then. */
const keepsImages = process.env['GRACEFUL_KEEP_IMAGES'] === '1';

/** On everything that the suite makes in an engine. */
export const labels: Readonly<Record<string, string>> = { [label]: run };

/** What makes the name of an image the run's own: whoever sweeps behind himself must not take it from another. */
export const imageTagSuffix: string = keepsImages ? '' : `-${run}`;

/** Remove what this run has made, and what runs have left that were killed. */
export async function sweep(): Promise<void> {
  const engine = await docker();
  const filters = { label: [label] };
  const containers = await engine.listContainers({ all: true, filters });
  await Promise.all(
    containers.filter(isOver).map(({ Id }) => gone(engine.getContainer(Id).remove({ force: true, v: true }))),
  );
  const networks = await engine.listNetworks({ filters });
  await Promise.all(networks.filter(isOver).map(({ Id }) => gone(engine.getNetwork(Id).remove())));
  const { Volumes: volumes } = await engine.listVolumes({ filters });
  await Promise.all(volumes.filter(isOver).map(({ Name }) => gone(engine.getVolume(Name).remove())));
  if (keepsImages) return;
  await sweepImages(engine);
}

/** An image that others are made of can only go after them: those that cannot yet are left to the next round. */
async function sweepImages(engine: Docker): Promise<void> {
  for (let before = Number.POSITIVE_INFINITY; ; ) {
    const images = (await engine.listImages({ filters: { label: [label] } })).filter(isOver);
    if (images.length === 0 || images.length >= before) return;
    before = images.length;
    for (const { Id } of images.toSorted((one, other) => other.Created - one.Created))
      await gone(engine.getImage(Id).remove({ force: true }));
  }
}

function isOver({
  Labels: its,
}: {
  readonly Labels?: Readonly<Record<string, string>> | null | undefined;
}): boolean {
  const whose = its?.[label];
  return whose === run || !existsSync(`/proc/${whose}`);
}

/** Somebody else may have removed it in the meantime, or be about to. */
export async function gone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    const { statusCode } = error as { readonly statusCode?: number };
    if (statusCode !== 404 && statusCode !== 409) throw error;
  }
}
