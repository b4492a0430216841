import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildImage, importImage } from './image.js';
import { layOut } from './lay-out.js';
import { addSurroundings, nodeImage, nodeRoot } from './node-image.js';
import { once } from './once.js';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const testPackage = join(repository, 'test');
const examples = join(repository, 'examples');
/** As users write it: see `docs/containers.md`. */
const dockerfile = join(examples, 'kubernetes/Dockerfile');
const workdir = '/srv/app';

export type Example = 'node-http' | 'express-postgres';

/** An example as an image: what `pnpm deploy` lays out, and a Dockerfile that copies it. */
export function exampleImage(name: Example): Promise<string> {
  return once(`example-${name}`, async (image) => {
    const base = await once('node', nodeImage);
    return await built(image, base, readFileSync(dockerfile, 'utf8'), (context) =>
      layOut(join(examples, name), context),
    );
  });
}

/** The same, with tini of the image's own in front. */
export function exampleUnderTini(name: Example): Promise<string> {
  return once(`example-${name}-tini`, async (image) => {
    // An ENTRYPOINT makes the CMD before it void.
    const under = 'ENTRYPOINT ["tini", "--"]\nCMD ["node", "dist/server.js"]\n';
    const base = await programsImage();
    return await built(image, base, `${readFileSync(dockerfile, 'utf8')}${under}`, (context) =>
      layOut(join(examples, name), context),
    );
  });
}

/** The command `graceful`, as an image of its own. */
export function companionImage(): Promise<string> {
  return once('companion', async (image) => {
    const base = await once('node', nodeImage);
    const text = readFileSync(join(repository, 'deploy/companion/Dockerfile'), 'utf8');
    return await built(image, base, text, (context) => layOut(join(repository, 'packages/cli'), context));
  });
}

/** The services of `programs/`, and whatever is put around a service: shells, inits, package managers. */
export function programsImage(): Promise<string> {
  return once('programs', async (image) => {
    using root = addSurroundings(nodeRoot());
    const app = join(root.folder, workdir);
    layOut(testPackage, app, {
      files: [],
      dependencies: ['@graceful/companion', '@graceful/core', 'graceful', 'pm2'],
    });
    layOut(join(testPackage, 'dist/containers/programs'), app, { files: ['.'], dependencies: [] });
    for (const [file, content] of Object.entries(beside)) writeFileSync(join(app, file), content);
    for (const script of ['entrypoint.sh', 'entrypoint-exec.sh']) chmodSync(join(app, script), 0o755);
    return await importImage(image, root.folder, [`WORKDIR ${workdir}`, 'USER 1000:1000', 'ENV HOME=/tmp']);
  });
}

/** What a row of the matrix writes, on top of the programs. */
export async function imageOf(instructions: readonly string[]): Promise<string> {
  const text = `ARG NODE_IMAGE\nFROM \${NODE_IMAGE}\n${instructions.join('\n')}\n`;
  return await built('row', await programsImage(), text, () => {});
}

/** Files beside the programs. */
const beside: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({
    name: 'app',
    type: 'module',
    scripts: { start: 'node app.js', 'start:exec': 'exec node app.js' },
  }),
  'entrypoint.sh': '#!/bin/sh\n"$@"\n',
  'entrypoint-exec.sh': '#!/bin/sh\nexec "$@"\n',
};

async function built(
  name: string,
  base: string,
  text: string,
  fill: (context: string) => void,
): Promise<string> {
  const context = mkdtempSync(join(tmpdir(), 'graceful-context-'));
  try {
    fill(context);
    return await buildImage(name, { context, dockerfile: text, buildArgs: { NODE_IMAGE: base } });
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}
