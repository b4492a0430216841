import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathOf } from '../engine.js';
import { buildImage, importImage } from './image.js';
import { once } from './once.js';
import { Root } from './root.js';

const libraries = '/usr/lib/postgresql';

/** The newest PostgreSQL of Debian's packages on this machine, or `undefined` where there is none. */
export function postgresFolder(): string | undefined {
  try {
    const versions = readdirSync(libraries).map(Number).filter(Number.isInteger);
    const newest = versions.toSorted((one, other) => other - one)[0];
    return newest === undefined ? undefined : join(libraries, String(newest));
  } catch {
    return undefined;
  }
}

/** The Dockerfile: a cluster is made when the image is, and the server is PID 1. */
function dockerfileOf(folder: string): string {
  return `ARG BASE
FROM \${BASE}
ENV PATH=${folder}/bin:/usr/bin:/bin LC_ALL=C PGDATA=/var/lib/postgresql/data
USER 999:999
RUN initdb -U postgres -A trust -E UTF8 --locale=C >/dev/null && echo 'host all all all trust' >>"$PGDATA/pg_hba.conf"
EXPOSE 5432
# "Fast": whoever is connected is told, and nothing is lost. SIGTERM would wait for the last of them.
STOPSIGNAL SIGINT
CMD ["postgres", "-c", "listen_addresses=*", "-c", "unix_socket_directories=/tmp"]
`;
}

/** A PostgreSQL server as an image, made of Debian's packages. */
export function postgresImage(): Promise<string> {
  return once('postgres', make);
}

async function make(name: string): Promise<string> {
  const folder = postgresFolder();
  if (folder === undefined) throw new Error('Expected PostgreSQL to be installed.');
  const base = await postgresBase(folder);
  const context = mkdtempSync(join(tmpdir(), 'graceful-context-'));
  try {
    return await buildImage(name, { context, dockerfile: dockerfileOf(folder), buildArgs: { BASE: base } });
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

async function postgresBase(folder: string): Promise<string> {
  using root = new Root();
  const version = folder.slice(libraries.length + 1);
  root
    .tree(`/usr/share/postgresql/${version}`)
    .tree('/usr/share/zoneinfo/Etc')
    .text('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\npostgres:x:999:999::/var/lib/postgresql:/bin/sh\n')
    .text('/etc/group', 'root:x:0:\npostgres:x:999:\n')
    .text('/etc/nsswitch.conf', 'hosts: files dns\n')
    .program(realpathSync(pathOf('dash') ?? '/bin/sh'), '/bin/sh')
    .temporary('/tmp')
    .temporary('/var/lib/postgresql');
  for (const program of ['initdb', 'postgres']) root.program(join(folder, 'bin', program));
  for (const library of readdirSync(join(folder, 'lib'))) {
    // Its compiler of queries is larger than all the rest, and does without being there.
    if (library.endsWith('.so') && library !== 'llvmjit.so') root.program(join(folder, 'lib', library));
  }
  return await importImage('postgres-files', root.folder);
}
