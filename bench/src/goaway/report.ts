import { readFile, writeFile } from 'node:fs/promises';
import { arch, cpus, platform } from 'node:os';
import { table } from '../report/table.js';
import type { Tally } from './clients.js';
import type { Leaver } from './contestants.js';

/** One way to leave, under one manner of clients, over one round trip. */
export interface Figure {
  readonly leaver: string;
  readonly manner: string;
  readonly rttMs: number;
  readonly tallies: readonly Tally[];
}

/** What was the same for all figures. */
export interface Setup {
  readonly runs: number;
  readonly workMs: number;
  readonly leadMs: number;
  readonly setups: readonly Leaver[];
}

const file = new URL('../../results/goaway.md', import.meta.url);

/** Write these figures as the section of this Node; sections of others stay. */
export async function keep(figures: readonly Figure[], setup: Setup): Promise<void> {
  const heading = `## Node.js ${process.versions.node.split('.')[0]}`;
  const others = (await sections()).filter((text) => !text.startsWith(`${heading}\n`));
  const own = [heading, circumstances(), table(columns(figures), rows(figures))].join('\n\n');
  const parts = ['# Requests that cross GOAWAY', explanation(setup), ...[...others, own].toSorted(byName)];
  const text = `${parts.join('\n\n')}\n`;
  await writeFile(file, text);
  process.stdout.write(text);
}

async function sections(): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split(/^(?=## Node\.js )/m)
    .slice(1)
    .map((section) => section.trim());
}

function byName(one: string, other: string): number {
  return one.localeCompare(other);
}

function circumstances(): string {
  const cores = cpus();
  const load =
    process.env['BENCH_PROVISIONAL'] === undefined
      ? ''
      : '\n- **Provisional: measured while the machine did other work.**';
  return (
    `- ${new Date().toISOString().slice(0, 10)}, Node.js ${process.versions.node}, ${platform()} ${arch()}\n` +
    `- ${cores[0]?.model.trim() ?? 'unknown CPU'}, ${cores.length} cores${load}`
  );
}

function explanation({ runs, workMs, leadMs, setups }: Setup): string {
  return [
    `- Clients of node:http2, each with one session; the server works ${workMs} ms on each request; SIGTERM after ${leadMs} ms; the sum of ${runs} departures.`,
    '- Refused: ended with REFUSED_STREAM, as the request was on its way when GOAWAY was sent. HTTP lets a client send it again (RFC 9113, section 8.7); the clients here count it and do not.',
    '- Lost: not answered whole, and nobody knows whether it may be sent again. In brackets, where there were any.',
    '- The round trip is made by a relay that delivers everything half of it later.',
    ...setups.map(({ name, setup }) => `- ${name}: ${setup}.`),
  ].join('\n');
}

function columns(figures: readonly Figure[]): readonly string[] {
  return ['clients', 'round trip', ...names(figures).map((name) => `${name}: refused`)];
}

function rows(figures: readonly Figure[]): readonly (readonly string[])[] {
  const keys = new Map(figures.map(({ manner, rttMs }) => [`${manner} ${rttMs}`, { manner, rttMs }]));
  return [...keys.values()].map(({ manner, rttMs }) => [
    manner,
    `${rttMs} ms`,
    ...names(figures).map((name) => {
      const figure = figures.find(
        (one) => one.leaver === name && one.manner === manner && one.rttMs === rttMs,
      );
      return shown(figure?.tallies ?? []);
    }),
  ]);
}

function names(figures: readonly Figure[]): readonly string[] {
  return [...new Set(figures.map(({ leaver }) => leaver))];
}

function shown(tallies: readonly Tally[]): string {
  const sum = (of: keyof Tally): number => tallies.reduce((total, tally) => total + tally[of], 0);
  const lost = sum('lost');
  return `${sum('refused')} of ${sum('answered') + sum('refused') + lost}${lost > 0 ? ` (${lost} lost)` : ''}`;
}
