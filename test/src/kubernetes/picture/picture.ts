import { type Departure, longest } from '../departure.js';
import { bar, line, mark, text } from './elements.js';
import type { Instants } from './instants.js';

const width = 960;
const left = 150;
const right = 932;
const barHeight = 20;
const lanesTop = 120;
const sumsTop = 394;
const height = sumsTop + 130;

/** One step of a rolling update over time, and what a departure may take at most, as an SVG. */
export function picture(
  instants: Instants,
  how: string,
  departures: Readonly<Record<string, Departure>>,
): string {
  const body = [
    '<title>A rolling update: a new pod comes, an old one goes, and no request is lost</title>',
    style,
    `<rect class="paper" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    text('title', 28, 38, 'One pod takes the place of another'),
    text('note', 28, 60, how),
    ...lanes(instants),
    ...sums(departures),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">\n${body.join('\n')}\n</svg>\n`;
}

/** Where the lane of this number begins. */
function y(lane: number): number {
  return lanesTop + lane * 34;
}

function lanes(at: Instants): string[] {
  const end = Math.ceil(at.gone + 0.5);
  const x = (seconds: number) => left + (Math.min(seconds, end) / end) * (right - left);
  const span = (from: number, to: number) => [x(from), x(to)] as const;
  const bottom = y(6);
  const names = ['sent to by proxies', '', 'new pod: service', 'companion', 'old pod: service', 'companion'];
  const marks = [0, at.ready, at.available, at.forgotten, at.signalled, at.closed, at.exited];
  return [
    ...ticks(end, 2).flatMap((second) => [
      line('rule', x(second), lanesTop - 12, x(second), bottom),
      text('note', x(second), bottom + 16, `${second} s`, 'middle'),
    ]),
    ...marks.map((instant) => line('instant', x(instant), lanesTop - 16, x(instant), bottom)),
    ...names.map((name, lane) =>
      text(name.startsWith('companion') ? 'note' : 'name', left - 12, y(lane) + 14, name, 'end'),
    ),
    bar('old', span(0, at.available), y(0), barHeight, 'the old pod'),
    bar('oldFaint', span(at.available, at.forgotten), y(0), barHeight),
    bar('newFaint', span(at.ready, at.known), y(1), barHeight),
    bar('new', span(at.known, end), y(1), barHeight, 'the new pod'),
    bar('wait', span(0, at.companion), y(2), barHeight, 'image'),
    bar('wait', span(at.service, at.ready), y(2), barHeight, 'starts'),
    bar('new', span(at.ready, at.available), y(2), barHeight, 'ready: minReadySeconds'),
    bar('new', span(at.available, end), y(2), barHeight, 'available'),
    bar('newFaint', span(at.companion, end), y(3), barHeight),
    bar('old', span(0, at.available), y(4), barHeight, 'ready'),
    bar('hold', span(at.available, at.signalled), y(4), barHeight, 'preStop: the hold'),
    bar('duck', span(at.signalled, at.closed), y(4), barHeight, 'lame-duck'),
    bar('drain', span(at.closed, at.drained), y(4), barHeight),
    bar('hooks', span(at.drained, at.exited), y(4), barHeight),
    bar('oldFaint', span(0, at.gone), y(5), barHeight),
    ...marks.map((instant, index) => mark(index + 1, x(instant), lanesTop - 24)),
  ];
}

function sums(departures: Readonly<Record<string, Departure>>): string[] {
  const end = Math.max(...Object.values(departures).map(({ grace }) => grace));
  const x = (seconds: number) => left + (seconds / end) * (right - left);
  const bottom = sumsTop + Object.keys(departures).length * 40 + 14;
  return [
    text('name', 28, sumsTop - 14, 'At most, within terminationGracePeriodSeconds'),
    ...ticks(end, 5).flatMap((second) => [
      line('rule', x(second), sumsTop, x(second), bottom),
      text('note', x(second), bottom + 16, `${second} s`, 'middle'),
    ]),
    ...Object.entries(departures).flatMap(([name, departure], index) => {
      const top = sumsTop + 10 + index * 40;
      return [text('name', left - 12, top + 14, name, 'end'), ...stacked(departure, x, top)];
    }),
  ];
}

function stacked(departure: Departure, x: (seconds: number) => number, top: number): string[] {
  const { preStop, lameDuck, requests, hooks, sidecars, margin, grace } = departure;
  const parts = [
    ['hold', preStop.most, `hold ${preStop.most}`],
    ['duck', lameDuck, `delayMs ${lameDuck}`],
    ['drain', requests, `requestsMs ${requests}`],
    ['hooks', hooks, `hooksMs ${hooks}`],
    ['oldFaint', sidecars, String(sidecars)],
    ['wait', margin, String(margin)],
  ] as const;
  let from = 0;
  return [
    ...parts.map(([look, seconds, words]) => {
      const to = from + seconds;
      const drawn = seconds === 0 ? '' : bar(look, [x(from), x(to)], top, barHeight, words);
      from = to;
      return drawn;
    }),
    line('killed', x(grace), top - 5, x(grace), top + barHeight + 5),
    ...(longest(departure) < grace - 1 ? [text('bad', x(grace) + 6, top + 14, `SIGKILL at ${grace}`)] : []),
  ];
}

function ticks(end: number, step: number): number[] {
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
}

/** Its background is its own, so that it can be read on any page; whoever prefers dark gets it dark. */
const style = `<style>
text { font: 11px -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif }
.title { font-size: 19px; font-weight: 600 } .name, .number { font-weight: 600 } .bad { font-weight: 600 }
.paper { fill: #fff; stroke: #d1d9e0 } .title, .name, .in { fill: #1f2328 } .note { fill: #59636e } .rule { stroke: #e4e8ec }
.old { fill: #8cb9e8 } .oldFaint { fill: #d3e4f6 } .new { fill: #86cfa0 } .newFaint { fill: #d0eed9 } .wait { fill: #e4e8ec }
.hold { fill: #d8b4f0 } .duck { fill: #f2cf8a } .drain { fill: #f0a98a } .hooks { fill: #d98a8a }
.instant { stroke: #59636e; stroke-dasharray: 2 3 } .mark { fill: #1f2328 } .number { fill: #fff } .killed { stroke: #cf222e; stroke-width: 2 } .bad { fill: #cf222e }
@media (prefers-color-scheme: dark) {
.paper { fill: #0d1117; stroke: #3d444d } .title, .name, .in { fill: #f0f6fc } .note { fill: #9198a1 } .rule { stroke: #262c36 }
.old { fill: #245a94 } .oldFaint { fill: #17304c } .new { fill: #256b41 } .newFaint { fill: #173a26 } .wait { fill: #30363d }
.hold { fill: #5b3a78 } .duck { fill: #7a5a17 } .drain { fill: #84452a } .hooks { fill: #7a3030 }
.instant { stroke: #9198a1 } .mark { fill: #f0f6fc } .number { fill: #0d1117 } .killed { stroke: #f85149 } .bad { fill: #f85149 }
}
</style>`;
