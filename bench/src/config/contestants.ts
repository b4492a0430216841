import { readFileSync, watch, watchFile } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import { watchConfig } from '@graceful/config';
import { watchConfig as watchWithC12 } from 'c12';
import { watch as watchWithChokidar } from 'chokidar';

/** What a service does with its configuration. */
interface Service {
  /** It has taken over a content that says this. */
  readonly applied: (n: unknown) => void;
  /** It was told of a content, and that was none. */
  readonly bad: () => void;
}

/** A way to hear that a file has changed. */
export interface ConfigContestant {
  readonly id: string;
  readonly name: string;
  readonly role: 'ours' | 'peer' | 'by hand';
  readonly packages: readonly string[];
  /** What the file is called; those with another one have a folder of their own, which is written right after. */
  readonly file: 'config.json' | 'config.json5';
  /** In words, for the person who reads the results. */
  readonly setup: string;
  /** Resolves when it watches. */
  readonly watch: (path: string, service: Service) => Promise<void>;
}

/** Takes whatever comes: what a validator costs is not measured. */
const anything = {
  '~standard': { version: 1, vendor: 'bench', validate: (value: unknown) => ({ value }) },
} as const;

function ours(id: string, name: string, setup: string, options: object): ConfigContestant {
  return {
    id,
    name,
    role: 'ours',
    packages: [],
    file: 'config.json',
    setup,
    watch: async (path, { applied, bad }) => {
      await watchConfig({
        path,
        schema: anything,
        signal: false,
        logger: false,
        onChange: ({ value }) => applied((value as { n?: unknown }).n),
        onRejected: bad,
        ...options,
      });
    },
  };
}

/** What everybody does in a callback who has nothing but a watcher. */
function readAgain(path: string, { applied, bad }: Service): void {
  let value: { n?: unknown };
  try {
    value = JSON.parse(readFileSync(path, 'utf8')) as { n?: unknown };
  } catch {
    return bad();
  }
  applied(value.n);
}

/** Until a watcher of chokidar has looked at all that it is to watch. */
function ready(watcher: ReturnType<typeof watchWithChokidar>): Promise<void> {
  return new Promise((resolve) => watcher.once('ready', resolve));
}

export const contestants: readonly ConfigContestant[] = [
  ours('graceful', '@graceful/config', 'as it comes: `debounceMs: 200`', {}),
  ours('graceful-20', '@graceful/config, 20 ms', '`debounceMs: 20`', { debounceMs: 20 }),
  ours('graceful-poll', '@graceful/config, polling', "`watch: 'poll'`, `pollMs: 200`, `debounceMs: 20`", {
    watch: 'poll',
    pollMs: 200,
    debounceMs: 20,
  }),
  {
    id: 'fs-watch-file',
    name: '`fs.watch(file)`',
    role: 'by hand',
    packages: [],
    file: 'config.json',
    setup: 'reads the file at each event',
    watch: async (path, service) => void watch(path, () => readAgain(path, service)),
  },
  {
    id: 'fs-watch-folder',
    name: '`fs.watch(folder)`',
    role: 'by hand',
    packages: [],
    file: 'config.json',
    setup: 'reads the file at each event of the folder that names the file or `..data`',
    watch: async (path, service) => {
      const names = [basename(path), '..data'];
      watch(dirname(path), (_, name) => {
        if (name === null || names.includes(name)) readAgain(path, service);
      });
    },
  },
  {
    id: 'fs-watch-file-poll',
    name: '`fs.watchFile`, 200 ms',
    role: 'by hand',
    packages: [],
    file: 'config.json',
    setup: '`interval: 200` (the default is 5,007); reads the file each time',
    watch: async (path, service) => void watchFile(path, { interval: 200 }, () => readAgain(path, service)),
  },
  {
    id: 'chokidar-file',
    name: 'chokidar, the file',
    role: 'peer',
    packages: ['chokidar'],
    file: 'config.json',
    setup: '`ignoreInitial: true`; reads the file at each `all` event',
    watch: async (path, service) => {
      const watcher = watchWithChokidar(path, { ignoreInitial: true });
      await ready(watcher);
      watcher.on('all', () => readAgain(path, service));
    },
  },
  {
    id: 'chokidar-folder',
    name: 'chokidar, the folder, no links',
    role: 'peer',
    packages: ['chokidar'],
    file: 'config.json',
    setup: 'the folder with `followSymlinks: false, depth: 0`; reads the file at each `all` event',
    watch: async (path, service) => {
      const watcher = watchWithChokidar(dirname(path), {
        ignoreInitial: true,
        followSymlinks: false,
        depth: 0,
      });
      await ready(watcher);
      watcher.on('all', () => readAgain(path, service));
    },
  },
  {
    id: 'c12',
    name: 'c12 `watchConfig`',
    role: 'peer',
    packages: ['c12'],
    file: 'config.json5',
    setup:
      'as it comes (chokidar, 100 ms of debounce), `onUpdate`, with a file in JSON5: JSON is an import to it, and after a change it has what it had',
    watch: async (path, { applied }) => {
      await watchWithC12({
        cwd: dirname(path),
        name: 'config',
        rcFile: false,
        globalRc: false,
        packageJson: false,
        dotenv: false,
        onUpdate: ({ newConfig }) => applied((newConfig.config as { n?: unknown }).n),
      });
    },
  },
  {
    id: 'auto-reload-json',
    name: 'auto-reload-json',
    role: 'peer',
    packages: ['auto-reload-json'],
    file: 'config.json',
    setup: 'as it comes: `require()` anew every second; its object is looked at every 5 ms',
    watch: async (path, { applied }) => {
      const load = createRequire(import.meta.url)('auto-reload-json') as (at: string) => { n?: unknown };
      const value = load(path);
      let last = value.n;
      setInterval(() => {
        if (value.n === last) return;
        last = value.n;
        applied(last);
      }, 5);
    },
  },
];
