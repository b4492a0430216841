import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

/** What is said of a package in its `package.json`, as far as it matters here. */
interface Manifest {
  readonly name: string;
  readonly version?: string;
  readonly bin?: string | Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** What goes into the folder that becomes an image, if not all that the package names. */
export interface LayOutOptions {
  /** Packages to bring along. */
  readonly dependencies?: readonly string[];
  /** Of the package itself. */
  readonly files?: readonly string[];
}

const notInImages = new Set(['node_modules', 'src', 'test', 'etc', '.tsbuildinfo', 'spec']);

/**
 * Lays a package out in `folder` as `pnpm deploy --prod` does, without a
 * registry and without asking one: the package itself, and in `node_modules`
 * everything that it depends on, each with the versions that it has here.
 */
export function layOut(packageFolder: string, folder: string, options: LayOutOptions = {}): void {
  const { files = ['package.json', 'dist'], dependencies } = options;
  mkdirSync(folder, { recursive: true });
  for (const file of files) {
    const source = join(packageFolder, file);
    if (!existsSync(source)) throw new Error(`Expected ${source} to be there; is the workspace built?`);
    copy(source, join(folder, file));
  }
  const store = new Store(join(folder, 'node_modules'));
  const wanted = dependencies ?? dependenciesOf(manifestOf(packageFolder));
  for (const name of wanted) store.addRoot(name, packageFolder);
}

/** `node_modules` in the shape that pnpm gives it: each package once, its dependencies beside it. */
class Store {
  readonly #modules: string;
  /** Where a package lies in the image, by where it lies here. */
  readonly #places = new Map<string, string>();

  constructor(modules: string) {
    this.#modules = modules;
  }

  /** A package that is to be found from the root. */
  addRoot(name: string, from: string): void {
    const found = find(name, from);
    if (found === undefined) return;
    const place = this.#add(found);
    link(place, join(this.#modules, name));
    const { bin = {} } = manifestOf(found);
    const programs = typeof bin === 'string' ? { [basename(name)]: bin } : bin;
    for (const [command, file] of Object.entries(programs)) {
      chmodSync(join(place, file), 0o755);
      link(join(place, file), join(this.#modules, '.bin', command));
    }
  }

  #add(from: string): string {
    const known = this.#places.get(from);
    if (known !== undefined) return known;
    const manifest = manifestOf(from);
    const id = `${manifest.name.replace('/', '+')}@${manifest.version}-${this.#places.size}`;
    const beside = join(this.#modules, '.store', id, 'node_modules');
    const place = join(beside, manifest.name);
    this.#places.set(from, place);
    copy(from, place);
    for (const name of dependenciesOf(manifest)) {
      const found = find(name, from);
      if (found !== undefined) link(this.#add(found), join(beside, name));
    }
    return place;
  }
}

/** Where Node finds a package; an optional one may be nowhere. */
function find(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(candidate)) return realpathSync(candidate);
    if (folder === dirname(folder)) return undefined;
  }
}

function dependenciesOf({ dependencies, peerDependencies }: Manifest): string[] {
  // Optional ones are databases and speed-ups; what is to be seen here needs none.
  return Object.keys({ ...dependencies, ...peerDependencies });
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

function copy(from: string, to: string): void {
  const top = realpathSync(from);
  const filter = (source: string) => source === top || !notInImages.has(basename(source));
  // What came from a registry is what it is; what is of this workspace leaves its sources at home.
  const own = !top.includes(join('node_modules', '.pnpm'));
  const skipsModules = (source: string) => source === top || basename(source) !== 'node_modules';
  cpSync(top, to, { recursive: true, filter: own ? filter : skipsModules });
}

function link(target: string, at: string): void {
  mkdirSync(dirname(at), { recursive: true });
  if (!existsSync(at)) symlinkSync(relative(dirname(at), target), at);
}
