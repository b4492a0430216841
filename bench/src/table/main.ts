import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { RowReport } from '@graceful/conformance';
import { loadContestants } from '../registry.js';
import { writeResults } from '../report/results.js';
import { picture } from './picture.js';
import { playAll, type Played } from './play.js';
import { type Column, tableSections } from './sections.js';

/*
 * Every row of the conformance kit against every library.
 *
 *   node bench/dist/table/main.js [--draw] [contestant …]
 *
 * With --draw nothing is played: what the last run found is written anew.
 */
const { values, positionals: wanted } = parseArgs({
  options: { draw: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const found = new URL('../../results/table.json', import.meta.url);
const drawing = new URL('../../../docs/table.svg', import.meta.url);

/** The bare server of each kind is one too many: Express adds nothing to node:http here. */
const leftOut = ['bare-express', 'bare-http-again'];
const order = ['ours', 'bare', 'peer'];

interface Found {
  readonly date: string;
  readonly node: string;
  readonly played: readonly Played[];
}

const entries = (await loadContestants())
  .filter(({ id }) => (wanted.length === 0 ? !leftOut.includes(id) : wanted.includes(id)))
  .toSorted((a, b) => order.indexOf(a.contestant.role) - order.indexOf(b.contestant.role));

/** What happened in the middle is for whoever looks at one row; the file is for everybody. */
function short(row: RowReport): RowReport {
  return { ...row, violations: row.violations.slice(0, 2), narrative: '' };
}

async function play(): Promise<Found> {
  const played: Played[] = [];
  // One after the other: each already plays several rows at a time.
  for (const entry of entries) {
    const began = performance.now();
    const { id, rows } = await playAll(entry);
    played.push({ id, rows: rows.map(short) });
    const tookMs = Math.round(performance.now() - began);
    process.stderr.write(
      `table: ${played.length} of ${entries.length}, ${entry.contestant.name}, ${tookMs} ms\n`,
    );
  }
  return { date: new Date().toISOString().slice(0, 10), node: process.versions.node, played };
}

const result = values.draw ? (JSON.parse(await readFile(found, 'utf8')) as Found) : await play();
if (!values.draw) await writeFile(found, `${JSON.stringify(result)}\n`);

const columns: Column[] = entries.flatMap(({ id, contestant }) => {
  const played = result.played.find((one) => one.id === id);
  return played ? [{ ...played, contestant }] : [];
});
const subtitle =
  `Raw clients that never retry; every cell a process of its own, ${result.date}, Node.js ${result.node}.\n` +
  'Each library as its own documentation says. Figures, versions and set-ups: bench/results/table.md';
await writeFile(drawing, picture(columns, subtitle));
await writeResults(
  'table',
  'Every scenario, every library',
  tableSections(columns),
  columns.map(({ contestant }) => contestant),
);
