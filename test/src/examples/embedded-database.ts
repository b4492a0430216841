import { chmodSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * A place for the temporary folder of an embedded PostgreSQL, so that a test
 * knows where it is and sees whether it is gone.
 */
export class EmbeddedDatabasePlace {
  // A short name: the path of a Unix socket has little room.
  readonly #place = mkdtempSync(path.join(realpathSync(tmpdir()), 'g-'));

  constructor() {
    // PostgreSQL may run as another user, who has to get through.
    chmodSync(this.#place, 0o755);
  }

  /** What makes the service use it. */
  get env(): { readonly TMPDIR: string } {
    return { TMPDIR: this.#place };
  }

  /** What is there: one folder while the database lives, nothing after it. */
  get content(): string[] {
    return readdirSync(this.#place);
  }

  get #folder(): string {
    const [folder] = this.content;
    if (folder === undefined) throw new Error('Expected an embedded database.');
    return path.join(this.#place, folder);
  }

  get url(): string {
    return `postgresql://orders@localhost/postgres?host=${encodeURIComponent(this.#folder)}`;
  }

  /** End the server, behind the back of the service. */
  endServer(): void {
    const [pid] = readFileSync(path.join(this.#folder, 'data/postmaster.pid'), 'utf8').split('\n');
    // "Fast": connections are ended, and their clients told why.
    process.kill(Number(pid), 'SIGINT');
  }

  remove(): void {
    // Where a test failed, the database may be on its way out while we are.
    rmSync(this.#place, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
