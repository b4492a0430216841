import { createHash } from 'node:crypto';
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../config-error.js';
import type { Source } from '../options.js';
import { keysIn, keysInMount, mostKeys } from '../path/keys.js';
import { trace } from '../path/trace.js';
import { readBounded } from './bounded.js';
import { optionOf, readError } from './read-error.js';
import { steady } from './steady.js';

/** What is in a file, or in the files of a directory, at one instant. */
export type Content =
  | { readonly source: 'file'; readonly bytes: Buffer; readonly hash: string }
  | { readonly source: 'directory'; readonly files: ReadonlyMap<string, Buffer>; readonly hash: string };

/**
 * Read what `path` leads to, all of it as it belongs together.
 *
 * @throws {@link ConfigError} `ERR_CONFIG_MISSING`, `ERR_CONFIG_UNREADABLE`, `ERR_CONFIG_TOO_LARGE`
 */
export async function readContent(source: Source, path: string, mostBytes: number): Promise<Content> {
  try {
    return await steady(
      async () => (await trace(source, path)).signature,
      () => (source === 'file' ? readFile(path, mostBytes) : readDirectory(path, mostBytes)),
    );
  } catch (error) {
    throw readError(error, path, source);
  }
}

async function readFile(path: string, mostBytes: number): Promise<Content> {
  const bytes = await readBounded(path, { mostBytes, alreadyRead: 0, whole: path });
  if (!bytes) throw wrongKind(path, 'file', 'a directory');
  return { source: 'file', bytes, hash: createHash('sha256').update(bytes).digest('hex') };
}

async function readDirectory(path: string, mostBytes: number): Promise<Content> {
  const { folder, keys } = await keysAt(path);
  if (keys.length > mostKeys) {
    throw new ConfigError(
      'ERR_CONFIG_TOO_LARGE',
      `Expected at most ${mostKeys} files in ${path}, got ${keys.length}. Correct \`directory\`.`,
      { file: path },
    );
  }
  const files = new Map<string, Buffer>();
  let bytes = 0;
  for (const key of keys) {
    const content = await readBounded(join(folder, key), { mostBytes, alreadyRead: bytes, whole: path });
    if (!content) continue;
    bytes += content.length;
    files.set(key, content);
  }
  return { source: 'directory', files, hash: hashOf(files) };
}

async function keysAt(path: string): Promise<{ readonly folder: string; readonly keys: readonly string[] }> {
  const { keys, mounted } = keysIn(await namesIn(path));
  if (mounted === undefined) return { folder: path, keys };
  // Each key is a link through this one. It is followed once: it may be turned between two files.
  const folder = await realpath(join(path, mounted));
  return { folder, keys: keysInMount(await readdir(folder)) };
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    const isFile = (error as NodeJS.ErrnoException).code === 'ENOTDIR' && (await exists(path));
    throw isFile ? wrongKind(path, 'directory', 'a file') : error;
  }
}

async function exists(path: string): Promise<boolean> {
  return realpath(path).then(
    () => true,
    () => false,
  );
}

function wrongKind(path: string, source: Source, got: string): ConfigError {
  const other = optionOf(source === 'file' ? 'directory' : 'file');
  return new ConfigError(
    'ERR_CONFIG_UNREADABLE',
    `Expected a ${source} at ${path}, got ${got}. Name it with \`${other}\` instead of \`${optionOf(source)}\`.`,
    { file: path },
  );
}

/** Lengths come before what they measure, so that nothing can move from one file to the next unseen. */
function hashOf(files: ReadonlyMap<string, Buffer>): string {
  const hash = createHash('sha256');
  for (const [key, bytes] of files) hash.update(JSON.stringify([key, bytes.length])).update(bytes);
  return hash.digest('hex');
}
