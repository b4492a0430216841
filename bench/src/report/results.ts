import { mkdir, writeFile } from 'node:fs/promises';
import { arch, cpus, platform } from 'node:os';
import type { Contestant } from '../contestant.js';
import { versionsOf } from './versions.js';

const folder = new URL('../../results/', import.meta.url);

/** Where and with what the figures were made: without it they say nothing. */
function circumstances(versions: readonly string[]): string {
  const cores = cpus();
  return [
    `- ${new Date().toISOString().slice(0, 10)}, Node.js ${process.versions.node}, ${platform()} ${arch()}`,
    `- ${cores[0]?.model.trim() ?? 'unknown CPU'}, ${cores.length} cores`,
    `- ${versions.join(', ')}`,
  ].join('\n');
}

function setups(contestants: readonly Contestant[]): string {
  return contestants.map(({ name, setup }) => `- **${name}**: ${setup}`).join('\n');
}

/** Print the results of contestants and keep them in `bench/results/<name>.md`. */
export async function writeResults(
  name: string,
  title: string,
  sections: readonly string[],
  contestants: readonly Contestant[],
): Promise<void> {
  const versions = await versionsOf(contestants.flatMap((contestant) => contestant.packages));
  await keepResults(name, title, versions, [...sections, '## How each is set up', setups(contestants)]);
}

/** Print the results and keep them in `bench/results/<name>.md`; `versions` are of all that took part. */
export async function keepResults(
  name: string,
  title: string,
  versions: readonly string[],
  sections: readonly string[],
): Promise<void> {
  // A first run on a busy machine says so itself, until somebody has repeated it on a quiet one.
  const provisional =
    process.env['BENCH_PROVISIONAL'] === undefined
      ? []
      : ['**Provisional: measured while the machine did other work.**'];
  const parts = [`# ${title}`, ...provisional, circumstances(versions), ...sections];
  const text = `${parts.join('\n\n')}\n`;
  await mkdir(folder, { recursive: true });
  await writeFile(new URL(`${name}.md`, folder), text);
  process.stdout.write(text);
}
