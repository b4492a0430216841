import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildImage, type Recipe } from './image.js';
import { layOut } from './lay-out.js';
import { nodeImage, toolsImage } from './node-image.js';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const testPackage = join(repository, 'test');
/** As users write it: see `docs/containers.md`. */
const dockerfile = join(testPackage, 'fixtures/containers/Dockerfile');

export type Example = 'node-http' | 'express-postgres';

/** An example as an image: what `pnpm deploy` lays out, and a Dockerfile that copies it. */
export async function exampleImage(name: Example): Promise<string> {
  return await exampleOn(await nodeImage(), name);
}

/** The same, with tini of the image's own in front. */
export async function exampleUnderTini(name: Example): Promise<string> {
  const base = await exampleOn(await toolsImage(), name);
  const instructions = ['ENTRYPOINT ["tini", "--"]', 'CMD ["node", "dist/server.js"]'];
  return await built(`example-${name}-tini`, base, { text: textOf(instructions) }, () => {});
}

async function exampleOn(base: string, name: Example): Promise<string> {
  return await built(`example-${name}`, base, { path: dockerfile }, (context) =>
    layOut(join(repository, 'examples', name), context),
  );
}

/** The services of `programs/`, and nothing else. */
export async function programsImage(): Promise<string> {
  return await built('programs', await nodeImage(), { text: textOf(likeUsers) }, (context) => {
    layOutPrograms(context, ['@graceful/core', '@graceful/companion']);
  });
}

/** The same among shells, inits and whatever else is put around a service. */
export async function surroundedImage(): Promise<string> {
  return await built('surrounded', await toolsImage(), { text: textOf(likeUsers) }, (context) => {
    layOutPrograms(context, ['@graceful/core', 'graceful', 'pm2']);
    for (const [file, content] of Object.entries(beside)) writeFileSync(join(context, file), content);
    for (const script of ['entrypoint.sh', 'entrypoint-exec.sh']) chmodSync(join(context, script), 0o755);
  });
}

const likeUsers = ['ENV HOME=/tmp', 'WORKDIR /srv/app', 'COPY . .', 'USER 1000:1000'];

function layOutPrograms(context: string, dependencies: readonly string[]): void {
  layOut(testPackage, context, { files: [], dependencies });
  layOut(join(testPackage, 'dist/containers/programs'), context, { files: ['.'], dependencies: [] });
  writeFileSync(join(context, 'package.json'), JSON.stringify({ name: 'app', type: 'module', scripts }));
}

/** What a row of the matrix writes, on top of the programs. */
export async function imageOf(name: string, instructions: readonly string[]): Promise<string> {
  return await built(name, await surroundedImage(), { text: textOf(instructions) }, () => {});
}

const scripts = { start: 'node app.js', 'start:exec': 'exec node app.js' };

const beside: Readonly<Record<string, string>> = {
  'entrypoint.sh': '#!/bin/sh\n"$@"\n',
  'entrypoint-exec.sh': '#!/bin/sh\nexec "$@"\n',
};

function textOf(instructions: readonly string[]): string {
  return ['ARG NODE_IMAGE', 'FROM ${NODE_IMAGE}', ...instructions, ''].join('\n');
}

async function built(
  name: string,
  base: string,
  instructions: Recipe['dockerfile'],
  fill: (context: string) => void,
): Promise<string> {
  const context = mkdtempSync(join(tmpdir(), 'graceful-context-'));
  try {
    fill(context);
    return await buildImage(name, { context, dockerfile: instructions, buildArgs: { NODE_IMAGE: base } });
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}
