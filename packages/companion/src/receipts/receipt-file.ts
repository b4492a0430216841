import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { readLine } from './lines.js';
import type { DrainReceipt } from './receipt.js';

/** How much of the end of a file is read for what to go on from, in bytes: some thousand receipts. */
const tailBytes = 1_048_576;

/** Neither a link that somebody laid out, nor a pipe that nobody reads: opening one would wait for ever. */
const plainly = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A file of receipts in a folder that containers may share: lines are added, and are on the disk when `append` returns. */
export class ReceiptFile {
  readonly #path: string;
  /** The line before was not written to its end, by this process or one that was ended. */
  #cut = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** The receipts at its end, in order; none if there is no file. */
  read(): DrainReceipt[] {
    let file: number;
    try {
      file = openSync(this.#path, constants.O_RDONLY | plainly);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    try {
      expectPlainFile(file, this.#path);
      const { size } = fstatSync(file);
      const tail = Buffer.alloc(Math.min(size, tailBytes));
      const read = readSync(file, tail, 0, tail.length, size - tail.length);
      const text = tail.toString('utf8', 0, read);
      this.#cut = text !== '' && !text.endsWith('\n');
      return text.split('\n').flatMap((line) => {
        const found = readLine(line);
        return found.type === 'receipt' ? [found.receipt] : [];
      });
    } finally {
      closeSync(file);
    }
  }

  append(line: string): void {
    // Opened anew each time: somebody may have moved it away to archive it.
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | plainly;
    const file = openSync(this.#path, flags, 0o640);
    try {
      expectPlainFile(file, this.#path);
      const { size } = fstatSync(file);
      const startsAnew = size > 0 && this.#cut ? '\n' : '';
      // Should this fail half way, as on a full disk.
      this.#cut = true;
      writeWhole(file, `${startsAnew}${line}\n`);
      this.#cut = false;
      fsyncSync(file);
      // A new file is there for good when its folder says so: fsync(2).
      if (size === 0) syncFolder(dirname(this.#path));
    } finally {
      closeSync(file);
    }
  }
}

/**
 * The file that Kubernetes reads a container's last message from. It is the
 * kubelet's, mounted there: it can be neither replaced nor made by us.
 */
export class TerminationLog {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  write(message: string): void {
    let file: number;
    try {
      file = openSync(this.#path, constants.O_WRONLY | plainly);
    } catch (error) {
      // Nobody looks there: not in Kubernetes.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    try {
      expectPlainFile(file, this.#path);
      ftruncateSync(file, writeWhole(file, message));
    } finally {
      closeSync(file);
    }
  }
}

function writeWhole(file: number, text: string): number {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
  return written;
}

function syncFolder(path: string): void {
  const folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function expectPlainFile(file: number, path: string): void {
  if (fstatSync(file).isFile()) return;
  throw new Error(`Expected ${path} to be a plain file, got something else (a device, a pipe, a folder)`);
}
