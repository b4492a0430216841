/** A tenth of a pixel is finer than anybody sees. */
function n(value: number): number {
  return Math.round(value * 10) / 10;
}

export function line(className: string, x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="${className}" x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}"/>`;
}

export function text(className: string, x: number, y: number, words: string, anchor = 'start'): string {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text class="${className}" x="${n(x)}" y="${n(y)}" text-anchor="${anchor}">${escaped}</text>`;
}

/** A bar from one place to another, with words in it where they fit. */
export function bar(
  look: string,
  [x1, x2]: readonly [number, number],
  y: number,
  height: number,
  words = '',
): string {
  const width = Math.max(0, x2 - x1);
  const label =
    words.length * 6 < width ? text('in', x1 + width / 2, y + height / 2 + 4, words, 'middle') : '';
  return `<rect class="${look}" x="${n(x1)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="2"/>${label}`;
}

/** A number in a circle: the page says what happens there. */
export function mark(number: number, x: number, y: number): string {
  return `<circle class="mark" cx="${n(x)}" cy="${n(y)}" r="9"/>${text('number', x, y + 4, String(number), 'middle')}`;
}
