import { describe, expect, it } from 'vitest';
import { offsetOf, placeOf, whereNotJson } from '../src/value/json-scanner.js';

/** JSON with everything in it that JSON has. */
const sample = `{
  "text": "a\\"b\\\\c\\u00e9\\n/",
  "numbers": [0, -1, 1.5, 2e10, -3.25E-7],
  "literals": [true, false, null],
  "empty": [{}, [], ""],
  "nested": { "deep": { "er": ["x", { "y": 1 }] } }
}
`;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Reproducible: a test that fails is to fail again (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('where a text is not JSON', () => {
  it.each([
    ['{"a": 1,}', 9, 'a property name in double quotes'],
    ['{a: 1}', 2, 'a property name in double quotes'],
    ['{"a" 1}', 6, '":"'],
    ['{"a": }', 7, 'a value'],
    ['{"a": 1 "b": 2}', 9, '"," or "}"'],
    ['[1, 2', 6, '"," or "]"'],
    ['[1, 2,]', 7, 'a value'],
    ['', 1, 'a value'],
    ['{"a": tru}', 7, 'a value'],
    ['{"a": 01}', 8, '"," or "}"'],
    ['{"a": +1}', 7, 'a value'],
    ['{"a": "x', 9, 'the end of the string'],
    ['{"a": "x\ty"}', 9, 'the end of the string'],
    ['{"a": "\\x"}', 8, 'an escape sequence that JSON has'],
    ['{} // comment', 4, 'the end of the file'],
    ["{'a': 1}", 2, 'a property name in double quotes'],
  ])('%j: column %i, where %s should be', (text, column, expected) => {
    const wrong = whereNotJson(text);
    expect(wrong).toBeDefined();
    expect(placeOf(text, wrong?.offset ?? -1)).toEqual({ line: 1, column });
    expect(wrong?.expected).toBe(expected);
  });

  it('counts lines as editors do', () => {
    const text = '{\n  "a": 1,\r\n  "b": x\n}';
    expect(placeOf(text, whereNotJson(text)?.offset ?? -1)).toEqual({ line: 3, column: 8 });
  });

  it('agrees with V8 on what is JSON, whatever is changed in a text', () => {
    const chance = random(5);
    const letters = '{}[]",:\\0123456789.eE+-tfn/u \n\t\u0000é';
    let broken = 0;
    for (let run = 0; run < 20_000; run++) {
      const at = Math.floor(chance() * sample.length);
      const cut = Math.floor(chance() * 3);
      const put = chance() < 0.5 ? (letters[Math.floor(chance() * letters.length)] ?? '') : '';
      const text = sample.slice(0, at) + put + sample.slice(at + cut);
      const good = isJson(text);
      if (!good) broken++;
      if ((whereNotJson(text) === undefined) !== good) expect.fail(JSON.stringify(text));
    }
    expect(broken).toBeGreaterThan(5_000);
  });

  it('says nothing of what is nested too deeply for it, and does not fail', () => {
    expect(whereNotJson('['.repeat(1_000_000))).toBeUndefined();
    expect(offsetOf('['.repeat(1_000_000), [0])).toBeUndefined();
  });

  it('is quick with long strings', () => {
    const text = JSON.stringify({ a: 'x"\\'.repeat(300_000) });
    expect(whereNotJson(text)).toBeUndefined();
    expect(whereNotJson(text.slice(0, -2))).toMatchObject({ offset: text.length - 2 });
  });
});

function lineOf(path: (string | number)[]): number | undefined {
  const offset = offsetOf(sample, path);
  return offset === undefined ? undefined : placeOf(sample, offset).line;
}

describe('where a value is', () => {
  it.each([
    [[], 1],
    [['text'], 2],
    [['numbers', 3], 3],
    [['literals'], 4],
    [['nested', 'deep', 'er', 1, 'y'], 6],
    [['nested', 'deep', 'missing'], 6], // the nearest around it
    [['missing'], 1],
  ] as [(string | number)[], number][])('%j is on line %i', (path, line) => expect(lineOf(path)).toBe(line));

  it('is that of the last one of a name that is there twice, as with JSON.parse', () => {
    const twice = '{\n"a": {"b": 1},\n"a": 2\n}';
    expect(placeOf(twice, offsetOf(twice, ['a']) ?? -1).line).toBe(3);
  });
});
