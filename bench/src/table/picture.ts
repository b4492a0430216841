import { cellOf, tableRows, type Tone } from './cell.js';
import type { Column } from './sections.js';

const left = 372;
const top = 196;
const cellWidth = 62;
const cellHeight = 26;
const gap = 3;
const margin = 24;

/** Colours in light and in dark; a cell is told by its text too, and not by its colour alone. */
const tones: Readonly<Record<Tone, { light: readonly [string, string]; dark: readonly [string, string] }>> = {
  good: { light: ['#dafbe1', '#116329'], dark: ['#12351f', '#7ee787'] },
  bad: { light: ['#ffd7d5', '#a40e26'], dark: ['#5a1e1e', '#ffb3ad'] },
  weak: { light: ['#fae3a8', '#6b4700'], dark: ['#56430f', '#f7dd9b'] },
  none: { light: ['#f2f4f6', '#8c959f'], dark: ['#1b2129', '#6e7681'] },
};

function palette(scheme: 'light' | 'dark'): string {
  const dark = scheme === 'dark';
  const base = [
    `.paper { fill: ${dark ? '#0d1117' : '#ffffff'}; stroke: ${dark ? '#3d444d' : '#d1d9e0'} }`,
    `.title, .name, .ours { fill: ${dark ? '#f0f6fc' : '#1f2328'} } .note, .peer { fill: ${dark ? '#9198a1' : '#59636e'} }`,
    `.frame { stroke: ${dark ? '#3fb950' : '#1a7f37'} }`,
  ];
  const cells = Object.entries(tones).map(
    ([
      tone,
      {
        [scheme]: [fill, text],
      },
    ]) => {
      return `.${tone} { fill: ${fill} } .on-${tone} { fill: ${text} }`;
    },
  );
  return [...base, ...cells].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The table as a picture: every cell says what it says in `results/table.md`. */
export function picture(columns: readonly Column[], subtitle: string): string {
  const width = left + columns.length * (cellWidth + gap) + margin + 34;
  const height = top + tableRows.length * (cellHeight + gap) + 58;
  const ours = columns.filter(({ contestant }) => contestant.role === 'ours').length;
  const x = (column: number): number => left + column * (cellWidth + gap);
  const y = (row: number): number => top + row * (cellHeight + gap);
  const heads = columns.map(({ contestant: { name, role } }, column) => {
    const [at, above] = [x(column) + cellWidth / 2 - 4, top - 10];
    const kind = role === 'ours' ? 'ours' : 'peer';
    return `<text class="${kind}" transform="translate(${at} ${above}) rotate(-38)">${escaped(name)}</text>`;
  });
  const names = tableRows.map(
    ({ name }, row) => `<text class="name" x="${margin}" y="${y(row) + 17.5}">${escaped(name)}</text>`,
  );
  const cells = tableRows.flatMap((row, line) =>
    columns.map(({ rows }, column) => {
      const { text, tone } = cellOf(row, rows);
      const middle = x(column) + cellWidth / 2;
      return (
        `<rect class="${tone}" x="${x(column)}" y="${y(line)}" width="${cellWidth}" height="${cellHeight}" rx="3"/>` +
        `<text class="cell on-${tone}" x="${middle}" y="${y(line) + 17.5}">${escaped(text)}</text>`
      );
    }),
  );
  const frame =
    `<rect class="frame" fill="none" stroke-width="1.5" x="${x(0) - 3}" y="${top - 3}" ` +
    `width="${ours * (cellWidth + gap) + 3}" height="${tableRows.length * (cellHeight + gap) + 3}" rx="5"/>`;
  const legend = (['good', 'bad', 'weak', 'none'] as const).map((tone, index) => {
    const meaning = {
      good: 'as it should be',
      bad: 'requests lost, clients cut, or no exit',
      weak: 'not as it should be, nothing lost',
      none: 'nothing to hold it to',
    }[tone];
    const at = left + [0, 130, 390, 630][index]!;
    const line = height - 24;
    return (
      `<rect class="${tone}" x="${at}" y="${line - 11}" width="14" height="14" rx="3"/>` +
      `<text class="note" x="${at + 20}" y="${line}">${meaning}</text>`
    );
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    '<title>What is lost when a Node.js service is stopped, library by library</title>',
    '<style>',
    'text { font-family: -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; font-size: 12px }',
    '.title { font-size: 19px; font-weight: 600 } .note { font-size: 11px } .ours { font-weight: 600 } .cell { text-anchor: middle; font-size: 11.5px }',
    palette('light'),
    `@media (prefers-color-scheme: dark) {\n${palette('dark')}\n}`,
    '</style>',
    `<rect class="paper" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    `<text class="title" x="${margin}" y="38">SIGTERM: what clients lose</text>`,
    ...subtitle
      .split('\n')
      .map(
        (line, index) => `<text class="note" x="${margin}" y="${60 + index * 16}">${escaped(line)}</text>`,
      ),
    ...heads,
    ...names,
    ...cells,
    frame,
    ...legend,
    '</svg>',
  ].join('\n')}\n`;
}
