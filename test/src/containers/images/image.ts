import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { docker } from '../engine.js';
import { imageTagSuffix, labels } from '../sweep.js';

const repository = 'graceful-test';
const dockerfile = '.dockerfile';

/** What an image is made by. */
export interface Recipe {
  /** The folder whose content the Dockerfile copies. */
  readonly context: string;
  readonly dockerfile: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
}

/** An image whose root is `folder`, with instructions of a Dockerfile on top; its name is made of all that, so that it is made once. */
export async function importImage(
  name: string,
  folder: string,
  instructions: readonly string[] = [],
): Promise<string> {
  const tag = `${contentOf(folder, instructions.join('\n'))}${imageTagSuffix}`;
  const image = `${repository}/${name}:${tag}`;
  if (await exists(image)) return image;
  const engine = await docker();
  const changes = [...instructions, ...Object.entries(labels).map(([key, value]) => `LABEL ${key}=${value}`)];
  const answer = await engine.importImage(tarOf(folder), {
    repo: `${repository}/${name}`,
    tag,
    changes: changes.join('\n'),
  });
  await finished(answer);
  return image;
}

/** An image as `docker build -f dockerfile context` makes it. */
export async function buildImage(name: string, recipe: Recipe): Promise<string> {
  const { context, buildArgs = {} } = recipe;
  writeFileSync(join(context, dockerfile), recipe.dockerfile);
  // It is needed to build the image, and no part of it.
  writeFileSync(join(context, '.dockerignore'), `${dockerfile}\n.dockerignore\n`);
  const image = `${repository}/${name}:${contentOf(context, JSON.stringify(buildArgs))}${imageTagSuffix}`;
  if (await exists(image)) return image;
  const engine = await docker();
  const answer = await engine.buildImage(tarOf(context), {
    t: image,
    dockerfile,
    buildargs: { ...buildArgs },
    labels: { ...labels },
  });
  await finished(answer);
  return image;
}

async function exists(image: string): Promise<boolean> {
  try {
    await (await docker()).getImage(image).inspect();
    return true;
  } catch {
    return false;
  }
}

function tarOf(folder: string): Readable {
  const tar = spawn('tar', ['-C', folder, '--sort=name', '--owner=0', '--group=0', '-c', '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return tar.stdout;
}

/** Resolves when the engine has done what it was asked for; it says with status 200 that it could not. */
async function finished(answer: NodeJS.ReadableStream): Promise<void> {
  const said = await text(answer as Readable);
  const lines = said
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as { readonly error?: string; readonly stream?: string });
  const failed = lines.find(({ error }) => error !== undefined);
  if (failed) throw new Error(`${failed.error}\n${lines.map(({ stream = '' }) => stream).join('')}`);
}

/** Changes when anything in the folder does, but for times. */
function contentOf(folder: string, more = ''): string {
  const hash = createHash('sha256').update(more);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()) {
    const path = join(folder, name);
    const stat = lstatSync(path);
    hash.update(`\0${name}\0${stat.mode}\0`);
    if (stat.isSymbolicLink()) hash.update(readlinkSync(path));
    else if (stat.isFile()) hash.update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 20);
}
