/**
 * The look of the picture. Its background is its own, so that it can be read
 * on any page; whoever prefers dark gets it dark.
 */
interface Colours {
  readonly paper: string;
  readonly frame: string;
  readonly ink: string;
  readonly muted: string;
  readonly faint: string;
  readonly good: string;
  readonly bad: string;
  /** Each a pair: what is filled, and what is drawn or written on it. */
  readonly ready: Pair;
  readonly lameDuck: Pair;
  readonly draining: Pair;
  readonly closing: Pair;
  readonly keptAlive: Pair;
  readonly fresh: Pair;
  readonly slow: Pair;
}

type Pair = readonly [fill: string, ink: string];

const light: Colours = {
  paper: '#ffffff',
  frame: '#d1d9e0',
  ink: '#1f2328',
  muted: '#59636e',
  faint: '#e4e8ec',
  good: '#1a7f37',
  bad: '#cf222e',
  ready: ['#c3e8cd', '#10552b'],
  lameDuck: ['#fae3a8', '#6b4700'],
  draining: ['#ddd2f7', '#4a2a94'],
  closing: ['#5b8fd6', '#174a8c'],
  keptAlive: ['#bcd9f5', '#2f77bd'],
  fresh: ['#b5e2dc', '#25857a'],
  slow: ['#8b7fc7', '#8b7fc7'],
};

const dark: Colours = {
  paper: '#0d1117',
  frame: '#3d444d',
  ink: '#f0f6fc',
  muted: '#9198a1',
  faint: '#262c36',
  good: '#3fb950',
  bad: '#f85149',
  ready: ['#1c4a2b', '#b4f1c3'],
  lameDuck: ['#56430f', '#f7dd9b'],
  draining: ['#3b2d66', '#ddd0ff'],
  closing: ['#6ea2ec', '#a9cbfa'],
  keptAlive: ['#1b3d60', '#6cb0f2'],
  fresh: ['#12453f', '#58c7b8'],
  slow: ['#9d92de', '#9d92de'],
};

const shapes = `
text { font-family: -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; font-size: 12px }
.title { font-size: 19px; font-weight: 600 }
.name { font-size: 13px; font-weight: 600 }
.note, .tick { font-size: 11px }
.mark { font-size: 12px; font-weight: 600 }
.figure { font-size: 21px; font-weight: 600 }
.area { stroke-width: 1.25; stroke-linejoin: round }
.instant { stroke-opacity: .65 }
.dashed { stroke-dasharray: 3 3 }`;

function coloured(colours: Colours): string {
  const { paper, frame, ink, muted, faint, good, bad } = colours;
  const pairs = (['ready', 'lameDuck', 'draining', 'closing', 'keptAlive', 'fresh', 'slow'] as const).map(
    (name) => `.${name} { fill: ${colours[name][0]} } .on-${name} { fill: ${colours[name][1]} }
.edge.${name} { fill: none; stroke: ${colours[name][1]} }`,
  );
  return `.paper { fill: ${paper}; stroke: ${frame} }
.title, .name, .mark, .figure { fill: ${ink} } .note, .tick { fill: ${muted} }
.rule { stroke: ${faint} } .axis { stroke: ${frame} } .instant { stroke: ${ink} }
.gone { fill: none; stroke: ${frame} } .on-gone { fill: ${muted} } .funnel { fill: ${faint}; fill-opacity: .6 }
.good { fill: ${good} } .bad { fill: ${bad} } .no-loss { stroke: ${good} }
${pairs.join('\n')}`;
}

export const style: string = `<style>${shapes}
${coloured(light)}
@media (prefers-color-scheme: dark) {
${coloured(dark)}
}
</style>`;
