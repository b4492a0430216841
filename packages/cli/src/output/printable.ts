/**
 * Text from elsewhere on one line, with nothing in it that a terminal obeys:
 * C0 and C1 control characters, and those that turn the direction of writing.
 */
export function printable(text: string): string {
  return text.replace(/[\r\n\t]+/g, ' ').replace(/[\p{Cc}\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu, visible);
}

/** JSON on one line. It leaves DEL and C1 as they are; a terminal may obey those. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(/\p{Cc}/gu, visible);
}

/** As JSON writes it. */
function visible(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
