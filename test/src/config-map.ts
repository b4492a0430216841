import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** Contents by the names of their files. */
export type Payload = Readonly<Record<string, string>>;

const dataLink = '..data';
const newDataLink = '..data_tmp';

/**
 * A directory that is written as the kubelet writes a mounted ConfigMap or
 * Secret, step by step in its order (`AtomicWriter.Write`,
 * pkg/volume/util/atomic_writer.go of Kubernetes 1.36): a folder of its own
 * for each content, and a link `..data` that is turned by one rename.
 */
export class ConfigMapMount {
  readonly folder: string;

  /**
   * @param folder - is made, if need be
   */
  constructor(folder: string, payload: Payload = {}) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.write(payload);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Write another content. Returns false where it is the one that is there: then nothing is written. */
  write(payload: Payload): boolean {
    const old = this.#current();
    const gone = this.#namesIn(old).filter((name) => !(name in payload));
    if (old !== undefined && gone.length === 0 && this.#holds(old, payload)) return false;

    const fresh = this.#makeTimestamped();
    for (const [name, text] of Object.entries(payload)) {
      writeFileSync(join(this.folder, fresh, name), text, { mode: 0o644 });
    }
    chmodSync(join(this.folder, fresh), 0o755);

    rmSync(this.path(newDataLink), { force: true });
    symlinkSync(fresh, this.path(newDataLink));
    renameSync(this.path(newDataLink), this.path(dataLink));

    for (const name of Object.keys(payload)) this.#show(name);
    for (const name of gone) rmSync(this.path(name), { force: true });
    if (old !== undefined) rmSync(this.path(old), { recursive: true, force: true });
    return true;
  }

  /** The folder that `..data` leads to. */
  #current(): string | undefined {
    try {
      return readlinkSync(this.path(dataLink));
    } catch {
      return undefined;
    }
  }

  #namesIn(timestamped: string | undefined): readonly string[] {
    return timestamped === undefined ? [] : readdirSync(this.path(timestamped));
  }

  #holds(timestamped: string, payload: Payload): boolean {
    const names = this.#namesIn(timestamped);
    return (
      names.length === Object.keys(payload).length &&
      names.every((name) => readFileSync(join(this.folder, timestamped, name), 'utf8') === payload[name])
    );
  }

  /** `..2026_11_21_17_05_09.` and something random. */
  #makeTimestamped(): string {
    const [date = '', time = ''] = new Date().toISOString().split(/[T.]/);
    const prefix = `..${date.replaceAll('-', '_')}_${time.replaceAll(':', '_')}.`;
    const made = mkdtempSync(this.path(prefix));
    return made.slice(this.folder.length + 1);
  }

  /** What users see: a link through `..data`, which is made once and stays. */
  #show(name: string): void {
    try {
      lstatSync(this.path(name));
    } catch {
      symlinkSync(join(dataLink, name), this.path(name));
    }
  }
}
