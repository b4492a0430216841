import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { pathOf } from '../engine.js';

/** A folder that becomes the root of an image, filled with what this machine has. */
export class Root implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'graceful-root-'));

  /** A program, and whatever it needs in order to run: its shared libraries, and what loads them. */
  program(nameOrPath: string, as?: string): this {
    const path = nameOrPath.startsWith('/') ? nameOrPath : pathOf(nameOrPath);
    if (path === undefined) throw new Error(`Expected ${nameOrPath} to be installed.`);
    return this.file(path, as ?? path).librariesOf(path);
  }

  /** The shared libraries of a program or of another library. */
  librariesOf(path: string): this {
    // Of a program without any it says so, and fails.
    const { stdout } = spawnSync('ldd', [path], { encoding: 'utf8' });
    for (const [library] of stdout.matchAll(/\/\S+(?= \(0x)/g)) this.file(library);
    return this;
  }

  file(path: string, as: string = path): this {
    const place = this.#place(as);
    // What is there may be a library that another program has brought.
    if (!existsSync(place)) copyFileSync(path, place);
    return this;
  }

  tree(path: string, as: string = path): this {
    cpSync(path, this.#place(as), { recursive: true, verbatimSymlinks: true });
    return this;
  }

  link(target: string, as: string): this {
    const place = this.#place(as);
    symlinkSync(target.startsWith('/') ? relative(dirname(as), target) : target, place);
    return this;
  }

  text(as: string, content: string, mode = 0o644): this {
    const place = this.#place(as);
    writeFileSync(place, content);
    chmodSync(place, mode);
    return this;
  }

  /** A folder where everybody may write, as `/tmp`. */
  temporary(as: string): this {
    mkdirSync(join(this.folder, as), { recursive: true });
    chmodSync(join(this.folder, as), 0o1777);
    return this;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #place(as: string): string {
    const place = join(this.folder, as);
    mkdirSync(dirname(place), { recursive: true });
    return place;
  }
}
