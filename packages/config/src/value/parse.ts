import { ConfigError } from '../config-error.js';
import type { Content } from '../read/content.js';
import { offsetOf, placeOf, whereNotJson } from './json-scanner.js';

/** Data that a content was made to, and where in the file it comes from. */
export interface Parsed {
  readonly data: unknown;
  /** The line of the value at `path`, from 1 on, where that is known. */
  readonly lineOf: (path: readonly (string | number)[]) => number | undefined;
}

type Parse = ((content: never, path: string) => unknown) | undefined;

/**
 * Make data of a content: by the user's `parse`, else as JSON, or as texts by the names of their files.
 *
 * @throws {@link ConfigError} `ERR_CONFIG_PARSE`
 */
export async function parseContent(content: Content, parse: Parse, path: string): Promise<Parsed> {
  if (content.source === 'directory') {
    const texts = [...content.files].map(([key, bytes]) => [key, textOf(bytes, path, key)] as const);
    // Not by assignment: a file may be called `__proto__`.
    const files = Object.freeze(Object.fromEntries(texts));
    return unplaced(parse ? await theirs(parse, files, path) : files);
  }
  const text = textOf(content.bytes, path);
  if (parse) return unplaced(await theirs(parse, text, path));
  return {
    data: json(text, path),
    lineOf: (at) => {
      const offset = offsetOf(text, at);
      return offset === undefined ? undefined : placeOf(text, offset).line;
    },
  };
}

const unplaced = (data: unknown): Parsed => ({ data, lineOf: () => undefined });

function textOf(bytes: Buffer, path: string, key?: string): string {
  try {
    // Without a byte order mark, which some editors write.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const where = key === undefined ? path : `${key} of ${path}`;
    throw new ConfigError('ERR_CONFIG_PARSE', `Expected text in UTF-8 in ${where}, got other bytes.`, {
      file: path,
      cause,
    });
  }
}

function json(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The error of V8 is not even its cause: it quotes what stands around the place.
    const { offset, expected } = whereNotJson(text) ?? { offset: undefined, expected: 'JSON' };
    if (offset === undefined) {
      throw new ConfigError('ERR_CONFIG_PARSE', `Expected JSON in ${path}, got something else.`, {
        file: path,
      });
    }
    const { line, column } = placeOf(text, offset);
    const character = text.codePointAt(offset);
    const got =
      character === undefined ? 'the end of the file' : JSON.stringify(String.fromCodePoint(character));
    throw new ConfigError(
      'ERR_CONFIG_PARSE',
      `Expected ${expected} in ${path} at line ${line}, column ${column}, got ${got}.`,
      { file: path, line, column },
    );
  }
}

/** @throws {@link ConfigError} for whatever `parse` throws */
async function theirs(parse: NonNullable<Parse>, content: unknown, path: string): Promise<unknown> {
  try {
    return await parse(content as never, path);
  } catch (cause) {
    const { line, column } = placeIn(cause);
    const at =
      line === undefined ? '' : ` at line ${line}${column === undefined ? '' : `, column ${column}`}`;
    throw new ConfigError(
      'ERR_CONFIG_PARSE',
      `Expected what \`parse\` can read in ${path}${at}, got: ${firstLine(cause)}`,
      { file: path, cause, ...(line !== undefined && { line }), ...(column !== undefined && { column }) },
    );
  }
}

/** Parsers of YAML show the lines around the place below. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}

interface Place {
  readonly line: number | undefined;
  readonly column: number | undefined;
}

/** Where an error of somebody's parser says that it happened, from 1 on. */
function placeIn(error: unknown): Place {
  if (typeof error !== 'object' || error === null) return { line: undefined, column: undefined };
  const { linePos, mark, line, column, col } = error as Record<string, unknown>;
  // yaml
  if (Array.isArray(linePos)) return placeFrom(linePos[0] as Record<string, unknown> | undefined);
  // js-yaml counts from 0
  if (typeof mark === 'object' && mark !== null) {
    const from0 = mark as Record<string, unknown>;
    return { line: oneMore(numberOf(from0['line'])), column: oneMore(numberOf(from0['column'])) };
  }
  // parsers of TOML
  return { line: numberOf(line), column: numberOf(column ?? col) };
}

function placeFrom(place: Record<string, unknown> | undefined): Place {
  return { line: numberOf(place?.['line']), column: numberOf(place?.['col']) };
}

function numberOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

function oneMore(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value + 1;
}
