/** SVG by hand: attributes in, markup out. */

type Attributes = Readonly<Record<string, string | number>>;

export function element(name: string, attributes: Attributes, content = ''): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${shown(value)}"`);
  return `<${name}${pairs.join('')}${content === '' ? '/>' : `>${content}</${name}>`}`;
}

/** `className`: how it looks, see `style.ts`. */
export function rect(
  className: string,
  [x, y]: readonly [number, number],
  [width, height]: readonly [number, number],
  radius = 0,
): string {
  return element('rect', { class: className, x, y, width, height, ...(radius > 0 && { rx: radius }) });
}

export function line(
  className: string,
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
): string {
  return element('line', { class: className, x1, y1, x2, y2 });
}

export function path(className: string, d: string): string {
  return element('path', { class: className, d });
}

export type Anchor = 'start' | 'middle' | 'end';

/** `y` is the line the letters stand on. */
export function text(
  className: string,
  [x, y]: readonly [number, number],
  words: string,
  anchor: Anchor = 'start',
): string {
  const aligned = anchor === 'start' ? {} : { 'text-anchor': anchor };
  return element('text', { class: className, x, y, ...aligned }, escaped(words));
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** About as wide as a system font makes it, rather too wide than too narrow. */
export function widthOf(words: string, size = 12): number {
  return words.length * size * 0.55;
}

/** A tenth of a pixel is finer than anybody sees. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function shown(value: string | number): string {
  return typeof value === 'number' ? String(round(value)) : value.replaceAll('"', '&quot;');
}
