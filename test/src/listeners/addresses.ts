import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address } from '@graceful/conformance/client';
import type { Trial } from '../harness/trial.js';

/** Where each of the listeners that a scenario wanted is reached. */
export function addressesOf({ config, service }: Trial): readonly Address[] {
  const ports = service.notices.all.flatMap(({ notice }) => (notice.type === 'ready' ? notice.ports : []));
  return (config.listeners ?? []).map(({ host = '127.0.0.1', path, tls = service.adapter.tls }, index) => ({
    host,
    port: ports[index] ?? 0,
    tls,
    ...(path !== undefined && { path }),
  }));
}

/** A folder for Unix sockets that is removed with all that is left in it. */
export class SocketFolder implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'graceful-'));
  #next = 0;

  /** The folder itself. */
  get folder(): string {
    return this.#folder;
  }

  /** A path that nobody has used yet. */
  path(): string {
    return join(this.#folder, `${this.#next++}.sock`);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
