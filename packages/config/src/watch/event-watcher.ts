import { type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';
import type { Trace } from '../path/trace.js';

/** Raced, or not ours to look into: whoever follows the path finds out what it means, and looks now and then. */
const passedOver = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP'];

/** Hears of changes along a path from the system (inotify(7) on Linux). Holds no event loop. */
export class EventWatcher implements Disposable {
  readonly #onEvent: () => void;
  readonly #onFailure: (error: unknown) => void;
  #watchers: readonly FSWatcher[] = [];

  /**
   * @param onFailure - the system gives no more events for something that it gave them for
   */
  constructor(onEvent: () => void, onFailure: (error: unknown) => void) {
    this.#onEvent = onEvent;
    this.#onFailure = onFailure;
  }

  /**
   * Hear of what is in `trace`, and of nothing else any more. All is watched
   * anew each time: a folder that was removed and made again may have the
   * same number, and its old watch is dead.
   *
   * @throws what the system says where it has no watch to give: EMFILE, ENOSPC
   */
  arm(trace: Trace): void {
    const watchers: FSWatcher[] = [];
    try {
      for (const [folder, names] of trace.folders) watchers.push(...this.#watch(folder, names));
      if (trace.file !== undefined) watchers.push(...this.#watch(trace.file, 'all'));
    } catch (error) {
      close(watchers);
      throw error;
    }
    // Only now: in between nothing goes unheard.
    close(this.#watchers);
    this.#watchers = watchers;
  }

  [Symbol.dispose](): void {
    close(this.#watchers);
    this.#watchers = [];
  }

  #watch(path: string, names: ReadonlySet<string> | 'all'): FSWatcher[] {
    // It tells of the end of a folder by that folder's own name.
    const own = basename(path);
    try {
      const watcher = watch(path, { persistent: false }, (_, name) => {
        if (name === null || name === own || names === 'all' || names.has(name)) this.#onEvent();
      });
      watcher.on('error', (error) => this.#onFailure(error));
      return [watcher];
    } catch (error) {
      if (passedOver.includes((error as NodeJS.ErrnoException).code ?? '')) return [];
      throw error;
    }
  }
}

function close(watchers: readonly FSWatcher[]): void {
  for (const watcher of watchers) watcher.close();
}
