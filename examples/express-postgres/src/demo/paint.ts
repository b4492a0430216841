import { stripVTControlCharacters, styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

const coloured = process.stdout.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';

/** Colour for a terminal; plain text for a file, a pipe and whoever set NO_COLOR. */
export function paint(style: Style, text: string): string {
  return coloured ? styleText(style, text) : text;
}

/** Pad to `width` characters as seen, colours not counted. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stripVTControlCharacters(text).length));
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}
