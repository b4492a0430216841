import { readFile } from 'node:fs/promises';

// The folder that holds this package's node_modules, from bench/dist/report/ as from bench/src/report/.
const modules = new URL('../../node_modules/', import.meta.url);

/** `name version` of every package in `names`, each once, by name. Read from the file: not every package exports its own. */
export async function versionsOf(names: Iterable<string>): Promise<readonly string[]> {
  const unique = [...new Set(names)].toSorted((a, b) => a.localeCompare(b));
  return Promise.all(
    unique.map(async (name) => {
      const json = await readFile(new URL(`${name}/package.json`, modules), 'utf8');
      return `${name} ${(JSON.parse(json) as { version: string }).version}`;
    }),
  );
}
