import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ConfigMapMount } from '@graceful/test/config-map.js';
import { saves } from '@graceful/test/config/editors.js';
import { monotonicMs } from '@graceful/test/config/protocol.js';
import { keepResults } from '../report/results.js';
import { table } from '../report/table.js';
import { versionsOf } from '../report/versions.js';
import { contestants } from './contestants.js';
import { cells, type Figures, Witness } from './witness.js';

/*
 * One file that changes, and everybody who offers to hear of it, at once.
 *
 *   node bench/dist/config/main.js [--swaps N] [--saves N]
 *
 * Results are kept of a run with the numbers as they are.
 */
const { values } = parseArgs({ options: { swaps: { type: 'string' }, saves: { type: 'string' } } });
const swaps = Number(values.swaps ?? 100);
const savesEach = Number(values.saves ?? 10);
/** Longer than the slowest of them needs, and never the same, so that nobody's timer keeps step with it. */
const pauseMs = () => 1_500 + Math.random() * 300;

const text = (n: number) => JSON.stringify({ n, padding: 'x'.repeat(500) });

/** Those with files of the same name watch the same one. */
const files = [...new Set(contestants.map(({ file }) => file))];

/** Everybody watches a file in `folder` while `write` is called with each number in turn. */
async function play(
  folder: string,
  many: number,
  write: (n: number) => void,
): Promise<ReadonlyMap<string, Figures>> {
  const witnesses: Witness[] = [];
  try {
    for (const contestant of contestants) {
      const path = join(folder, `of-${contestant.file}`, contestant.file);
      witnesses.push(await Witness.start(contestant, path));
    }
    await sleep(pauseMs());
    const writtenAt = new Map<number, number>();
    for (let n = 1; n <= many; n++) {
      writtenAt.set(n, monotonicMs());
      write(n);
      await sleep(pauseMs());
    }
    return new Map(witnesses.map((witness) => [witness.contestant.id, witness.figures(writtenAt)]));
  } finally {
    await Promise.all(witnesses.map((witness) => witness.end()));
  }
}

async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-config-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const mounted = await inFolder(async (folder) => {
  const mounts = files.map((file) => {
    return { file, mount: new ConfigMapMount(join(folder, `of-${file}`), { [file]: text(0) }) };
  });
  return play(folder, swaps, (n) => {
    for (const { file, mount } of mounts) mount.write({ [file]: text(n) });
  });
});
process.stderr.write('config: swaps are over\n');

const saved: [way: string, figures: ReadonlyMap<string, Figures>][] = [];
for (const [way, save] of Object.entries(saves)) {
  const figures = await inFolder(async (folder) => {
    const paths = files.map((file) => join(folder, `of-${file}`, file));
    for (const path of paths) {
      mkdirSync(dirname(path));
      writeFileSync(path, text(0));
    }
    return play(folder, savesEach, (n) => {
      for (const path of paths) save(path, text(n));
    });
  });
  saved.push([way, figures]);
  process.stderr.write(`config: saved ${way}\n`);
}

function named({ id, name }: (typeof contestants)[number]): string {
  return id.startsWith('graceful') ? `**${name}**` : name;
}

/** How many were taken over, and what else was told. */
function short(figures: Figures | undefined): string {
  if (!figures) return '–';
  const { applied, again, bad, died } = figures;
  const rest = [again > 0 && `${again} twice`, bad > 0 && `${bad} bad`, died && 'died'].filter(Boolean);
  const count = applied === savesEach ? String(applied) : `**${applied}**`;
  return rest.length === 0 ? count : `${count} (${rest.join(', ')})`;
}

const sections = [
  `One file is changed; everybody watches it at the same time, each in a process of its own. A pause of 1.5 to 1.8 s follows each change. Delays are from before the write to the moment in which the new content is the service's.`,
  `## A mounted ConfigMap, ${swaps} updates`,
  "Written in the kubelet's own steps: a new folder, `..data_tmp`, a rename over `..data`, the old folder removed. Twice: told of a content that was there already. Bad: told, and what was read then was no JSON, or nothing.",
  table(
    ['', 'applied', 'twice', 'out of order', 'bad', 'median, ms', '99 %', 'worst'],
    contestants.map((contestant) => {
      const figures = mounted.get(contestant.id);
      return [named(contestant), ...(figures ? cells(figures, swaps) : [])];
    }),
  ),
  `## A file that is saved, ${savesEach} times in each way`,
  'How many were applied.',
  table(
    ['', ...saved.map(([way]) => way)],
    contestants.map((contestant) => [
      named(contestant),
      ...saved.map(([, figures]) => short(figures.get(contestant.id))),
    ]),
  ),
  '## How each is set up',
  contestants.map(({ name, setup }) => `- **${name}**: ${setup}`).join('\n'),
];

if (Object.keys(values).length > 0) process.stdout.write(`${sections.join('\n\n')}\n`);
else {
  const versions = await versionsOf(contestants.flatMap(({ packages }) => packages));
  await keepResults(
    'config',
    'Hearing of a changed configuration',
    [`Linux ${release()}`, ...versions],
    sections,
  );
}
