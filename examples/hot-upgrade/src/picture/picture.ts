import type { Generation, Outcome } from '../demo/serving.js';
import type { Happening } from '../demo/story.js';

const width = 960;
const left = 132;
const right = 936;
const top = 96;
const laneHeight = 66;
const gap = 14;
/** Answers are counted over so long, in milliseconds. */
const slotMs = 100;

/** Everything that happened, as an SVG: a lane for each generation, with what it answered. */
export function picture({ generations, happenings, ledger }: Outcome): string {
  const zero = generations[0]?.readyAt ?? 0;
  const end = Math.max(...generations.flatMap(({ answers }) => answers)) + slotMs;
  const x = (at: number) => left + ((Math.min(at, end) - zero) / (end - zero)) * (right - left);
  const highest = Math.max(...generations.flatMap((generation) => slots(generation, zero, end)));
  const failures = happenings.filter(({ what }) => what === 'upgrade failed');
  const bottom = top + generations.length * (laneHeight + gap);
  const { exchanges, lost, refusals } = ledger;
  const figures =
    `${exchanges.length.toLocaleString('en-US')} requests by clients that never retry: ${lost.length} lost, ` +
    `${refusals.length} connections refused`;
  const body = [
    `<title>A service is replaced three times under load, and once by a version that cannot start</title>`,
    style,
    `<rect class="paper" x=".5" y=".5" width="${width - 1}" height="${bottom + 63}" rx="8"/>`,
    text('title', 28, 38, 'Three upgrades under load, and one that fails'),
    text('note', 28, 60, figures),
    ...seconds(zero, end).map(
      (at) =>
        `${line('rule', x(at), top - 10, x(at), bottom)}${text('note', x(at), bottom + 18, `${Math.round((at - zero) / 1_000)} s`, 'middle')}`,
    ),
    ...generations.flatMap((generation, index) =>
      lane(generation, `area${index % 2}`, top + index * (laneHeight + gap), { x, zero, end, highest }),
    ),
    ...failures.flatMap((failure) => failureMark(failure, x(failure.at), bottom)),
    text('note', 28, bottom + 44, 'answers in 100 ms, by the generation that gave them'),
    `<circle class="ready" cx="420" cy="${bottom + 40}" r="4"/>`,
    text('note', 430, bottom + 44, 'ready: serves beside the one before'),
    `<circle class="over" cx="660" cy="${bottom + 40}" r="4"/>`,
    text('note', 670, bottom + 44, 'hands over: takes no new connections'),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${bottom + 64}" viewBox="0 0 ${width} ${bottom + 64}" role="img">\n${body.join('\n')}\n</svg>\n`;
}

interface Scale {
  readonly x: (at: number) => number;
  readonly zero: number;
  readonly end: number;
  readonly highest: number;
}

function lane(
  generation: Generation,
  look: string,
  laneTop: number,
  { x, zero, end, highest }: Scale,
): string[] {
  const { number, pid, readyAt, handedOverAt, goneAt, answers } = generation;
  const base = laneTop + laneHeight;
  const heights = slots(generation, zero, end);
  const points = heights.flatMap((count, slot) => {
    const height = (count / highest) * (laneHeight - 6);
    const from = x(zero + slot * slotMs);
    const to = x(Math.min(end, zero + (slot + 1) * slotMs));
    return count === 0 ? [] : [`M${n(from)} ${n(base)}V${n(base - height)}H${n(to)}V${n(base)}Z`];
  });
  return [
    text('name', 28, laneTop + 30, `generation ${number}`),
    text('note', 28, laneTop + 46, `pid ${pid}`),
    text('note', 28, laneTop + 60, `${answers.length.toLocaleString('en-US')} answers`),
    `<path class="${look}" d="${points.join('')}"/>`,
    line('base', x(readyAt), base, x(goneAt ?? end), base),
    `<circle class="ready" cx="${n(x(readyAt))}" cy="${n(base)}" r="4"/>`,
    ...(handedOverAt === undefined
      ? []
      : [`<circle class="over" cx="${n(x(handedOverAt))}" cy="${n(base)}" r="4"/>`]),
  ];
}

function failureMark({ detail }: Happening, at: number, bottom: number): string[] {
  const number = /generation (\d+)/.exec(detail)?.[1];
  return [
    line('failed', at, top - 10, at, bottom),
    text('bad', at, top - 16, `generation ${number} cannot start: nothing changes`, 'middle'),
  ];
}

/** How many answers a generation gave in each slot. */
function slots({ answers }: Generation, zero: number, end: number): number[] {
  const counts = Array.from({ length: Math.ceil((end - zero) / slotMs) }, () => 0);
  for (const at of answers) {
    const slot = Math.floor((at - zero) / slotMs);
    if (slot >= 0 && slot < counts.length) counts[slot] = (counts[slot] ?? 0) + 1;
  }
  return counts;
}

function seconds(zero: number, end: number): number[] {
  return Array.from({ length: Math.floor((end - zero) / 2_000) + 1 }, (_, index) => zero + index * 2_000);
}

/** A tenth of a pixel is finer than anybody sees. */
function n(value: number): number {
  return Math.round(value * 10) / 10;
}

function line(className: string, x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="${className}" x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}"/>`;
}

function text(className: string, x: number, y: number, words: string, anchor = 'start'): string {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text class="${className}" x="${n(x)}" y="${n(y)}" text-anchor="${anchor}">${escaped}</text>`;
}

/** Its background is its own, so that it can be read on any page; whoever prefers dark gets it dark. */
const style = `<style>
text { font: 11px -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif }
.title { font-size: 19px; font-weight: 600 } .name { font-size: 13px; font-weight: 600 } .bad { font-weight: 600 }
.paper { fill: #fff; stroke: #d1d9e0 } .title, .name { fill: #1f2328 } .note { fill: #59636e } .rule { stroke: #e4e8ec }
.area0 { fill: #8cb9e8 } .area1 { fill: #86cfa0 } .base { stroke: #59636e } .ready { fill: #1a7f37 } .over { fill: #9a6700 }
.failed { stroke: #cf222e; stroke-dasharray: 3 3 } .bad { fill: #cf222e }
@media (prefers-color-scheme: dark) {
.paper { fill: #0d1117; stroke: #3d444d } .title, .name { fill: #f0f6fc } .note { fill: #9198a1 } .rule { stroke: #262c36 }
.area0 { fill: #245a94 } .area1 { fill: #256b41 } .base { stroke: #9198a1 } .ready { fill: #3fb950 } .over { fill: #d29922 }
.failed { stroke: #f85149 } .bad { fill: #f85149 }
}
</style>`;
