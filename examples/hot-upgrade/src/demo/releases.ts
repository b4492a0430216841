import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A version as it lies on a machine, and what it is to be. */
export interface Release {
  readonly version: string;
  /** It cannot start. */
  readonly broken?: true;
}

/**
 * Releases side by side in a folder, and a link `current` that leads to one of
 * them: the way most deploys do it. An upgrade finds what the link leads to
 * at that moment.
 */
export class Releases {
  /** Beside the program, so that a release finds it; one for each run. */
  readonly #folder = mkdtempSync(fileURLToPath(new URL('../releases-', import.meta.url)));

  /** What an operator starts. */
  get program(): string {
    return join(this.#folder, 'current/server.js');
  }

  get pidFile(): string {
    return join(this.#folder, 'service.pid');
  }

  /** Put a release there, and let `current` lead to it. */
  install({ version, broken }: Release): void {
    const folder = join(this.#folder, version);
    mkdirSync(folder);
    const program = broken
      ? `throw new Error('Expected DATABASE_URL to be set, got none.');\n`
      : `import { serve } from '../../service.js';\nawait serve('${version}');\n`;
    writeFileSync(join(folder, 'server.js'), program);
    // In one step: there is no moment without a current release.
    symlinkSync(version, join(this.#folder, 'next'));
    renameSync(join(this.#folder, 'next'), join(this.#folder, 'current'));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
