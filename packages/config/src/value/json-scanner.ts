/** Where a text stops being JSON, and what should have come there. */
export interface NotJson {
  readonly offset: number;
  readonly expected: string;
}

type Path = readonly (string | number)[];

class Unexpected extends Error {
  readonly notJson: NotJson;

  constructor(notJson: NotJson) {
    super(notJson.expected);
    this.notJson = notJson;
  }
}

/**
 * Where `text` stops being JSON (RFC 8259); `undefined` where it does not, or
 * is nested too deeply to say. V8 tells no place for most mistakes, and quotes
 * what stands around it: a configuration has secrets in it.
 */
export function whereNotJson(text: string): NotJson | undefined {
  try {
    new Scanner(text).scan();
  } catch (error) {
    // A RangeError: the stack has an end.
    return error instanceof Unexpected ? error.notJson : undefined;
  }
  return undefined;
}

/** Where in `text`, which is JSON, the value at `path` begins; where it is missing, the nearest one around it. */
export function offsetOf(text: string, path: Path): number | undefined {
  let deepest = 0;
  let offset: number | undefined;
  try {
    new Scanner(text, (at, where) => {
      // Of a name that is there twice the last one counts, as with JSON.parse.
      if (at.length < deepest || !at.every((step, depth) => step === path[depth])) return;
      deepest = at.length;
      offset = where;
    }).scan();
  } catch {
    return undefined;
  }
  return offset;
}

/** The line and column of an offset, from 1 on. */
export function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const lastBreak = before.lastIndexOf('\n');
  return { line: before.split('\n').length, column: offset - lastBreak };
}

const literals = ['true', 'false', 'null'];
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const spacePattern = /[ \t\n\r]*/y;
/** A string up to what does not belong into it: every character but quotes, backslashes and control characters, or an escape. */
const stringPattern = /"(?:[ !#-[\]-\uffff]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;

class Scanner {
  readonly #text: string;
  readonly #onValue: ((path: Path, offset: number) => void) | undefined;
  readonly #path: (string | number)[] = [];
  #at = 0;

  constructor(text: string, onValue?: (path: Path, offset: number) => void) {
    this.#text = text;
    this.#onValue = onValue;
  }

  scan(): void {
    this.#value();
    this.#space();
    if (this.#at < this.#text.length) this.#fail('the end of the file');
  }

  #value(): void {
    this.#space();
    this.#onValue?.(this.#path, this.#at);
    const first = this.#text[this.#at];
    if (first === '{') return this.#object();
    if (first === '[') return this.#array();
    if (first === '"') return void this.#string();
    const literal = literals.find((word) => this.#text.startsWith(word, this.#at));
    if (literal !== undefined) this.#at += literal.length;
    else if (this.#match(numberPattern) === undefined) this.#fail('a value');
  }

  #object(): void {
    this.#at++;
    if (this.#take('}')) return;
    do {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#fail('a property name in double quotes');
      this.#path.push(this.#string());
      if (!this.#take(':')) this.#fail('":"');
      this.#value();
      this.#path.pop();
    } while (this.#take(','));
    if (!this.#take('}')) this.#fail('"," or "}"');
  }

  #array(): void {
    this.#at++;
    if (this.#take(']')) return;
    let index = 0;
    do {
      this.#path.push(index++);
      this.#value();
      this.#path.pop();
    } while (this.#take(','));
    if (!this.#take(']')) this.#fail('"," or "]"');
  }

  #string(): string {
    const inner = this.#match(stringPattern) ?? '';
    if (this.#text[this.#at] === '"') {
      this.#at++;
      return JSON.parse(`${inner}"`) as string;
    }
    if (this.#text[this.#at] === '\\') this.#fail('an escape sequence that JSON has');
    return this.#fail('the end of the string');
  }

  /** Whether `sign` comes next; then it is behind us. */
  #take(sign: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    this.#match(spacePattern);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #fail(expected: string): never {
    throw new Unexpected({ offset: this.#at, expected });
  }
}
