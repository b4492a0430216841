import type { BigIntStats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, parse, sep } from 'node:path';
import type { Source } from '../options.js';
import { keysIn, mostKeys } from './keys.js';

/** What decides where a path leads, and what is there. */
export interface Trace {
  /** Folders whose entries decide it, with the names that matter. */
  readonly folders: ReadonlyMap<string, ReadonlySet<string> | 'all'>;
  /** The file itself, where there is one: mounted by itself, it is changed behind the back of its folder. */
  readonly file: string | undefined;
  /** Another one, as soon as anything of that has changed. */
  readonly signature: string;
}

/** Linux follows as many, then it says ELOOP (path_resolution(7)). */
const mostLinks = 40;

type Found =
  | { readonly kind: 'none' | 'folder' | 'file'; readonly mark: string }
  | { readonly kind: 'link'; readonly mark: string; readonly target: string };

/** Follow a path, link by link; where it is that of a directory, the paths of the files in it, too. */
export async function trace(source: Source, path: string): Promise<Trace> {
  const tracer = new Tracer();
  const end = await tracer.follow(path);
  if (source === 'file') return tracer.trace(end);
  if (end !== undefined) await tracer.enter(end);
  return tracer.trace(undefined);
}

/** Walks as the kernel does, and notes each place at which the way could change. */
class Tracer {
  readonly #folders = new Map<string, Set<string> | 'all'>();
  /** What was found where; each place is asked once. */
  readonly #found = new Map<string, Found>();

  trace(file: string | undefined): Trace {
    const signature = [...this.#found].map(([at, { mark }]) => `${at} ${mark}`).join('\n');
    return { folders: this.#folders, file, signature };
  }

  /** Where `path` leads at last; `undefined` where nothing is. */
  async follow(path: string): Promise<string | undefined> {
    let here = parse(path).root;
    let names = path.slice(here.length).split(sep);
    let links = 0;
    while (names.length > 0) {
      const [name = '', ...rest] = names;
      names = rest;
      if (name === '' || name === '.') continue;
      if (name === '..') {
        // No link is left in `here`: its parent is that of the real folder.
        here = dirname(here);
        continue;
      }
      const at = join(here, name);
      this.#note(here, name);
      const found = await this.#look(at);
      if (found.kind === 'none') return undefined;
      if (found.kind !== 'link') {
        here = at;
        continue;
      }
      if (++links > mostLinks) return undefined;
      if (isAbsolute(found.target)) here = parse(found.target).root;
      names = [...found.target.split(sep), ...names];
    }
    return here;
  }

  /** Look at the files in `folder`, too. */
  async enter(folder: string): Promise<void> {
    this.#folders.set(folder, 'all');
    const names = await readdir(folder).catch(() => []);
    const { keys, mounted } = keysIn(names);
    // No path has a NUL in it.
    this.#found.set(`${folder}\0keys`, { kind: 'none', mark: JSON.stringify(keys) });
    if (mounted !== undefined) await this.follow(join(folder, mounted));
    // Such a one is refused anyway.
    if (keys.length > mostKeys) return;
    for (const key of keys) await this.follow(join(folder, key));
  }

  #note(folder: string, name: string): void {
    const names = this.#folders.get(folder);
    if (names === undefined) this.#folders.set(folder, new Set([name]));
    else if (names !== 'all') names.add(name);
  }

  async #look(at: string): Promise<Found> {
    const known = this.#found.get(at);
    if (known) return known;
    const found = await look(at);
    this.#found.set(at, found);
    return found;
  }
}

async function look(at: string): Promise<Found> {
  try {
    const stats = await lstat(at, { bigint: true });
    if (stats.isSymbolicLink()) {
      const target = await readlink(at);
      return { kind: 'link', target, mark: `-> ${target}` };
    }
    // Times of a folder change with each entry, whatever it is called.
    if (stats.isDirectory())
      return { kind: 'folder', mark: marks(stats, 'dev', 'ino', 'mode', 'uid', 'gid') };
    return { kind: 'file', mark: marks(stats, 'dev', 'ino', 'size', 'mtimeNs', 'ctimeNs') };
  } catch (error) {
    return { kind: 'none', mark: (error as NodeJS.ErrnoException).code ?? 'gone' };
  }
}

function marks(stats: BigIntStats, ...names: readonly (keyof BigIntStats)[]): string {
  return names.map((name) => String(stats[name])).join(' ');
}
