import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { Content } from '../src/read/content.js';
import { parseContent } from '../src/value/parse.js';
import { errorOf } from './support/watch.js';

const file = (text: string | Buffer): Content => ({ source: 'file', bytes: Buffer.from(text), hash: '' });
const directory = (files: Record<string, string>): Content => ({
  source: 'directory',
  files: new Map(Object.entries(files).map(([key, text]) => [key, Buffer.from(text)])),
  hash: '',
});
const path = '/etc/orders/config.json';
const asGiven = async (...args: unknown[]) => args;
const portOf = (files: Record<string, string>) => ({ port: Number(files['port']) });
const refused = (content: Content, parse?: (content: never) => unknown) =>
  errorOf(() => parseContent(content, parse, path));

describe('a file', () => {
  it('is JSON', async () => {
    expect((await parseContent(file('{"a": [1]}'), undefined, path)).data).toEqual({ a: [1] });
  });

  it('may begin with a byte order mark', async () => {
    expect((await parseContent(file('\ufeff{"a": 1}'), undefined, path)).data).toEqual({ a: 1 });
  });

  it('that is no JSON is refused by line and column, and nothing is quoted of it', async () => {
    const error = await refused(file('{\n  "password": "s3cret",\n  "user" "bob"\n}'));
    expect(error.message).toBe(`ERR_CONFIG_PARSE: Expected ":" in ${path} at line 3, column 10, got "\\"".`);
    expect(error).toMatchObject({ line: 3, column: 10, file: path });
    expect(error.cause).toBeUndefined();
    expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain('s3cret');
  });

  it('that ends too early is refused where it ends', async () => {
    expect((await refused(file('{"a": ['))).message).toContain(
      'at line 1, column 8, got the end of the file.',
    );
  });

  it('that is not UTF-8 is refused', async () => {
    expect(await refused(file(Buffer.of(0x22, 0xc3, 0x28, 0x22)))).toMatchObject({
      code: 'ERR_CONFIG_PARSE',
      message: `ERR_CONFIG_PARSE: Expected text in UTF-8 in ${path}, got other bytes.`,
    });
  });

  it('tells the line of each value', async () => {
    const { lineOf } = await parseContent(file('{\n"a": {\n"b": 1}\n}'), undefined, path);
    expect([lineOf([]), lineOf(['a']), lineOf(['a', 'b'])]).toEqual([1, 2, 3]);
  });
});

describe('a parser of the user', () => {
  it('is handed the text and the path, and may be asynchronous', async () => {
    expect((await parseContent(file('a = 1'), asGiven, path)).data).toEqual(['a = 1', path]);
  });

  it('of YAML has its line and column taken over, and one line of what it says', async () => {
    const error = await refused(file('a: 1\nb: [1, 2\nc: 3\n'), parseYaml as never);
    expect(error).toMatchObject({ code: 'ERR_CONFIG_PARSE', line: 3, column: 1 });
    expect(error.message).not.toContain('\n');
  });

  it.each([
    ['js-yaml', { mark: { line: 4, column: 0 } }, 5, 1],
    ['parsers of TOML', { line: 3, column: 7 }, 3, 7],
    ['one that counts columns as `col`', { line: 3, col: 7 }, 3, 7],
    ['one that tells no place', {}, undefined, undefined],
    ['one that tells something else', { line: 'three', mark: null, linePos: 5 }, undefined, undefined],
  ])('as %s throws', async (_, place, line, column) => {
    const thrown = Object.assign(new Error('no'), place);
    const error = await refused(file(''), () => {
      throw thrown;
    });
    expect(error).toMatchObject({ code: 'ERR_CONFIG_PARSE', line, column, cause: thrown });
    const at = line === undefined ? '' : ` at line ${line}, column ${column}`;
    expect(error.message).toBe(`ERR_CONFIG_PARSE: Expected what \`parse\` can read in ${path}${at}, got: no`);
  });

  it.each([undefined, null, 'a text', 5])('may throw %o, too', async (thrown) => {
    const error = await refused(file(''), () => {
      throw thrown;
    });
    expect(error.message).toContain(`got: ${thrown}`);
  });
});

describe('a directory', () => {
  it('is an object of texts by the names of their files, as they are', async () => {
    const { data } = await parseContent(directory({ level: 'info\n', port: '80' }), undefined, path);
    expect(data).toEqual({ level: 'info\n', port: '80' });
  });

  it('may have a file with any name', async () => {
    const files = new Map([
      ['__proto__', Buffer.from('x')],
      ['constructor', Buffer.from('y')],
    ]);
    const content: Content = { source: 'directory', files, hash: '' };
    const data = (await parseContent(content, undefined, path)).data as object;
    expect(Object.entries(data)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
  });

  it('names the file that is not UTF-8', async () => {
    const content = { ...directory({}), files: new Map([['key', Buffer.of(0xff)]]) } as Content;
    expect((await refused(content)).message).toContain(`Expected text in UTF-8 in key of ${path}, got`);
  });

  it('is handed to the parser of the user', async () => {
    const { data } = await parseContent(directory({ port: '80' }), portOf, path);
    expect(data).toEqual({ port: 80 });
  });
});
