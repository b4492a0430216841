/**
 * Text from elsewhere on one line, with nothing in it that a terminal obeys:
 * C0 and C1 control characters, and those that turn the direction of writing.
 */
export function printable(text: string): string {
  return text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(/[\u0000-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, visible);
}

/** JSON on one line. It leaves DEL and C1 as they are; a terminal may obey those. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007F-\u009F]/g, visible);
}

/** As JSON writes it. */
function visible(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
