import { median } from '../report/statistics.js';
import { crowds, most, type ScaleFigures } from './figures.js';

/** A point: how many connections, and the median and the greatest of the runs. */
interface Point {
  readonly at: number;
  readonly middle: number;
  readonly top: number;
}

interface Line {
  readonly name: string;
  readonly ours: boolean;
  readonly points: readonly Point[];
}

interface Panel {
  readonly title: string;
  readonly note: string;
  readonly left: number;
  readonly max: number;
  readonly step: number;
  /** What is promised. */
  readonly limit: number;
  readonly lines: readonly Line[];
}

const width = 960;
const height = 420;
const top = 96;
const bottom = 360;
const panelWidth = 284;

const style = `
text { font-family: -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; font-size: 12px }
.title { font-size: 19px; font-weight: 600 } .name { font-size: 13px; font-weight: 600 } .note, .tick { font-size: 11px }
.line { fill: none; stroke-width: 1.5; stroke-linejoin: round } .line.ours { stroke-width: 2.5 } .limit { stroke-dasharray: 4 3 }
.paper { fill: #ffffff; stroke: #d1d9e0 } .title, .name { fill: #1f2328 } .note, .tick { fill: #59636e }
.rule { stroke: #e4e8ec } .limit { stroke: #1a7f37 } .within { fill: #1a7f37 }
.line.ours { stroke: #1a7f37 } .dot.ours, .label.ours { fill: #1a7f37 } .label.ours { font-weight: 600 }
.line.peer { stroke: #cf222e; stroke-opacity: .7 } .dot.peer { fill: #cf222e; fill-opacity: .7 } .label.peer { fill: #a0111f }
@media (prefers-color-scheme: dark) {
.paper { fill: #0d1117; stroke: #3d444d } .title, .name { fill: #f0f6fc } .note, .tick { fill: #9198a1 }
.rule { stroke: #262c36 } .limit { stroke: #3fb950 } .within { fill: #3fb950 }
.line.ours { stroke: #3fb950 } .dot.ours, .label.ours { fill: #3fb950 }
.line.peer { stroke: #f85149 } .dot.peer { fill: #f85149 } .label.peer { fill: #ff9a94 }
}`;

/** The longest stall and the memory of a connection over the number of connections, as an SVG for light and dark pages. */
export function scalePlot(figures: ScaleFigures): string {
  const stalls = lines(figures.series, ({ departures }) => departures.map(({ maxMs }) => maxMs));
  const memory = lines(
    figures.memory.filter(({ contestant }) => contestant.role === 'ours'),
    ({ heap }) => heap,
  );
  const panels: Panel[] = [
    {
      title: 'Longest stall of the event loop, ms',
      note: 'from SIGTERM to the exit; median of the runs, and the greatest',
      left: 64,
      ...scale(stalls, 5),
      limit: 20,
      lines: stalls,
    },
    {
      title: 'Bytes for each tracked connection',
      note: 'heap over the bare server; median of the runs, and the greatest',
      left: 556,
      ...scale([...memory, { name: '', ours: true, points: [{ at: 0, middle: 0, top: 240 }] }], 5),
      limit: 200,
      lines: memory,
    },
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    '<title>Leaving with thousands of connections: stall and memory over their number</title>',
    `<style>${style}\n</style>`,
    `<rect class="paper" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    '<text class="title" x="28" y="36">Leaving with thousands of idle connections and 1,000 requests in flight</text>',
    ...panels.map(drawn),
    '</svg>\n',
  ].join('\n');
}

function lines<
  Item extends {
    readonly contestant: { readonly name: string; readonly role: string };
    readonly idle: number;
  },
>(items: readonly Item[], values: (item: Item) => readonly number[]): Line[] {
  const contestants = [...new Set(items.map(({ contestant }) => contestant))];
  return contestants.map((contestant) => ({
    name: contestant.name,
    ours: contestant.role === 'ours',
    points: items
      .filter((item) => item.contestant === contestant)
      .map((item) => ({ at: item.idle, middle: median(values(item)), top: Math.max(...values(item)) })),
  }));
}

/** A round step, of which so many reach beyond the greatest value. */
function scale(all: readonly Line[], steps: number): { max: number; step: number } {
  const greatest = Math.max(...all.flatMap(({ points }) => points.map((point) => point.top)));
  const step = [20, 50, 100, 200, 500].find((one) => one * steps >= greatest) ?? 1_000;
  return { max: step * Math.ceil(greatest / step), step };
}

function drawn({ title, note, left, max, step, limit, lines: all }: Panel): string {
  const x = (at: number) => left + (panelWidth * at) / most;
  const y = (value: number) => bottom - ((bottom - top) * value) / max;
  const rules = Array.from({ length: Math.round(max / step) + 1 }, (_, index) => index * step).flatMap(
    (value) => [
      `<line class="rule" x1="${left}" x2="${left + panelWidth}" y1="${y(value)}" y2="${y(value)}"/>`,
      `<text class="tick" x="${left - 8}" y="${y(value) + 4}" text-anchor="end">${value}</text>`,
    ],
  );
  const ticks = crowds.map(
    (count) =>
      `<text class="tick" x="${x(count)}" y="${bottom + 18}" text-anchor="middle">${count / 1_000}k</text>`,
  );
  const labels = apart(all.map((line) => y(line.points.at(-1)?.middle ?? 0)));
  return [
    `<text class="name" x="${left}" y="66">${title}</text>`,
    `<text class="note" x="${left}" y="82">${note}</text>`,
    ...rules,
    ...ticks,
    `<text class="note" x="${left + panelWidth}" y="${bottom + 36}" text-anchor="end">idle connections</text>`,
    `<line class="limit" x1="${left}" x2="${left + panelWidth}" y1="${y(limit)}" y2="${y(limit)}"/>`,
    `<text class="note within" x="${x(most * 0.62)}" y="${y(limit) - 5}">promised: ${limit}</text>`,
    ...all.map((line, index) => drawnLine(line, x, y, labels[index] ?? 0)),
  ].join('\n');
}

function drawnLine(
  line: Line,
  x: (at: number) => number,
  y: (value: number) => number,
  labelY: number,
): string {
  const kind = line.ours ? 'ours' : 'peer';
  const path = line.points.map(({ at, middle }) => `${x(at).toFixed(1)},${y(middle).toFixed(1)}`).join(' ');
  return [
    `<polyline class="line ${kind}" points="${path}"/>`,
    ...line.points.flatMap(({ at, middle, top: greatest }) => [
      `<circle class="dot ${kind}" cx="${x(at).toFixed(1)}" cy="${y(middle).toFixed(1)}" r="3"/>`,
      `<line class="line ${kind}" x1="${x(at).toFixed(1)}" x2="${x(at).toFixed(1)}" y1="${y(middle).toFixed(1)}" y2="${y(greatest).toFixed(1)}"/>`,
    ]),
    `<text class="label ${kind}" x="${x(most) + 8}" y="${labelY + 4}">${line.name}</text>`,
  ].join('\n');
}

/** Where labels go that would lie on each other. */
function apart(wanted: readonly number[]): readonly number[] {
  const order = wanted.map((_, index) => index).toSorted((a, b) => (wanted[b] ?? 0) - (wanted[a] ?? 0));
  const places: number[] = [];
  let above = Infinity;
  for (const index of order) {
    above = Math.min(wanted[index] ?? 0, above - 14);
    places[index] = above;
  }
  return places;
}
