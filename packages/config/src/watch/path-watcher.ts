import type { Source } from '../options.js';
import { trace } from '../path/trace.js';
import { deafTo } from './deaf.js';
import { EventWatcher } from './event-watcher.js';

/**
 * How often to look although events are told, in milliseconds: one can be
 * lost, as when the queue overflows (inotify(7)), and a folder that may not be
 * read tells of none.
 */
const beltMs = 30_000;
/** How often to begin anew, where the path changes while it is being watched. */
const mostTries = 10;

/** What a {@link PathWatcher} is given. */
export interface PathWatcherParts {
  readonly source: Source;
  readonly path: string;
  readonly mode: 'auto' | 'poll';
  /** How often to look where changes are not told of, in milliseconds. */
  readonly pollMs: number;
  readonly onChange: () => void;
  /** It is looked at from time to time, from now on; told once for each reason. */
  readonly onPolling: (why: string) => void;
}

/**
 * Notices that what a path leads to has changed, whatever happens along it:
 * links that are turned, folders that go and come back, a file that is
 * written, or replaced. By events where the system tells of them, by looking
 * where it does not. Holds no event loop.
 */
export class PathWatcher implements Disposable {
  readonly #parts: PathWatcherParts;
  readonly #reasons = new Set<string>();
  #events: EventWatcher | undefined;
  #signature: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #everyMs = 0;
  #looking = false;
  #disposed = false;

  constructor(parts: PathWatcherParts) {
    this.#parts = parts;
    if (parts.mode === 'auto') {
      this.#events = new EventWatcher(
        () => parts.onChange(),
        (error) => this.#fallBack(error),
      );
    }
  }

  get noticedBy(): 'events' | 'polling' {
    return this.#events ? 'events' : 'polling';
  }

  /** Follow the path as it leads now. What changes after this has resolved is noticed. */
  async arm(): Promise<void> {
    const { source, path, pollMs } = this.#parts;
    let seen = await trace(source, path);
    for (let tries = 0; this.#events && tries < mostTries && !this.#disposed; tries++) {
      try {
        this.#events.arm(seen);
      } catch (error) {
        this.#fallBack(error);
        break;
      }
      // It may have changed between the look and the watch.
      const again = await trace(source, path);
      const same = again.signature === seen.signature;
      seen = again;
      if (same) break;
    }
    this.#signature = seen.signature;
    const fileSystem = this.#events && (await deafTo(path));
    if (fileSystem !== undefined)
      this.#tell(`it is on ${fileSystem}, where changes made elsewhere are not told of`);
    this.#lookEvery(!this.#events || fileSystem !== undefined ? pollMs : beltMs);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    clearInterval(this.#timer);
    this.#events?.[Symbol.dispose]();
  }

  #fallBack(error: unknown): void {
    if (!this.#events || this.#disposed) return;
    this.#events[Symbol.dispose]();
    this.#events = undefined;
    this.#tell(whyNoEvents(error));
    this.#lookEvery(this.#parts.pollMs);
  }

  #tell(why: string): void {
    if (this.#reasons.has(why) || this.#disposed) return;
    this.#reasons.add(why);
    this.#parts.onPolling(why);
  }

  #lookEvery(ms: number): void {
    if (this.#disposed || this.#everyMs === ms) return;
    this.#everyMs = ms;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#look(), ms);
    this.#timer.unref();
  }

  /** A slow file system gets one look at a time. */
  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const { source, path } = this.#parts;
      const { signature } = await trace(source, path);
      if (this.#disposed || signature === this.#signature) return;
      this.#signature = signature;
      this.#parts.onChange();
    } finally {
      this.#looking = false;
    }
  }
}

/** In words that lead somewhere: both limits are of the system, and few know them. */
function whyNoEvents(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EMFILE') {
    return 'the system gives no inotify instance (EMFILE): raise fs.inotify.max_user_instances, or the limit of open files';
  }
  if (code === 'ENOSPC') {
    return 'the system gives no inotify watch (ENOSPC): raise fs.inotify.max_user_watches';
  }
  return `the system tells of no changes (${code ?? message})`;
}
