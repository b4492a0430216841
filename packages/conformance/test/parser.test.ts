import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../src/client/protocol-error.js';
import { type RawResponse, ResponseParser } from '../src/client/response-parser.js';

interface Read {
  readonly responses: RawResponse[];
  readonly unfinished: RawResponse | undefined;
}

/** Read `text` as the answers to requests with `methods`, in pieces of `pieceBytes`. */
function read(text: string, methods: readonly string[] = ['GET'], pieceBytes = 1, ends = false): Read {
  const responses: RawResponse[] = [];
  let unfinished: RawResponse | undefined;
  const parser = new ResponseParser({
    method: () => methods[responses.length],
    head: (response) => {
      unfinished = response;
    },
    whole: (response) => {
      responses.push(response);
      unfinished = undefined;
    },
  });
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += pieceBytes) parser.feed(bytes.subarray(at, at + pieceBytes));
  if (ends) parser.end();
  return { responses, unfinished };
}

/** A head, with its lines ended as HTTP ends them. */
function head(...lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

// Byte by byte, in pieces that fit nothing, and all at once.
describe.each([1, 7, 65_536])('a response that comes in pieces of %i bytes', (pieceBytes) => {
  it('has the body that its length tells', () => {
    const { responses } = read(`${head('HTTP/1.1 200 OK', 'Content-Length: 5')}hello`, ['GET'], pieceBytes);
    expect(responses).toMatchObject([
      { status: 200, body: 'hello', bodyBytes: 5, whole: true, saysClose: false },
    ]);
  });

  it('has the body that its chunks make, without extensions and trailers', () => {
    const chunks = '5;name="v"\r\nhello\r\n6\r\n world\r\n0\r\nChecksum: 1\r\nOther: 2\r\n\r\n';
    const { responses } = read(
      head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked') + chunks,
      ['GET'],
      pieceBytes,
    );
    expect(responses).toMatchObject([{ body: 'hello world', bodyBytes: 11, whole: true }]);
  });

  it('is followed by the next one on the same connection', () => {
    const one = `${head('HTTP/1.1 200 OK', 'Content-Length: 3')}one`;
    const two = `${head('HTTP/1.1 201 Created', 'Transfer-Encoding: chunked')}3\r\ntwo\r\n0\r\n\r\n`;
    const three = head('HTTP/1.1 204 No Content', 'Connection: close');
    const { responses } = read(one + two + three, ['GET', 'POST', 'GET'], pieceBytes);
    expect(responses.map(({ status, body, saysClose }) => [status, body, saysClose])).toEqual([
      [200, 'one', false],
      [201, 'two', false],
      [204, '', true],
    ]);
  });

  it('has no body after HEAD, whatever length it tells', () => {
    const { responses } = read(head('HTTP/1.1 200 OK', 'Content-Length: 5'), ['HEAD'], pieceBytes);
    expect(responses).toMatchObject([{ bodyBytes: 0, whole: true }]);
  });

  it('comes after as many interim responses as the server likes', () => {
    const interim = head('HTTP/1.1 100 Continue') + head('HTTP/1.1 103 Early Hints', 'Link: </a>');
    const { responses } = read(
      `${interim + head('HTTP/1.1 200 OK', 'Content-Length: 2')}ok`,
      ['POST'],
      pieceBytes,
    );
    expect(responses).toMatchObject([{ status: 200, body: 'ok' }]);
  });
});

describe('a response that is cut', () => {
  it.each([
    ['in its head', 'HTTP/1.1 200 OK\r\nContent-Le'],
    ['before its body', head('HTTP/1.1 200 OK', 'Content-Length: 5')],
    ['in its body', `${head('HTTP/1.1 200 OK', 'Content-Length: 5')}hell`],
    ['before its last chunk', `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}5\r\nhello\r\n`],
    ['in its last chunk', `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}5\r\nhello\r\n0\r\n`],
  ])('%s is not whole, though the connection ended in order', (_where, text) => {
    const { responses, unfinished } = read(text, ['GET'], 1, true);
    expect(responses).toEqual([]);
    expect(unfinished?.whole ?? false).toBe(false);
  });

  it('cannot be told from a whole one where only the end of the connection ends it', () => {
    const text = `${head('HTTP/1.1 200 OK')}hello`;
    expect(read(text).responses).toEqual([]);
    expect(read(text, ['GET'], 1, true).responses).toMatchObject([{ body: 'hello', saysClose: true }]);
  });
});

describe('the last response on a connection', () => {
  it.each([
    ['says close', ['HTTP/1.1 200 OK', 'Connection: close'], true],
    ['says Close among others', ['HTTP/1.1 200 OK', 'Connection: x-other, Close'], true],
    ['says it in a second header', ['HTTP/1.1 200 OK', 'Connection: x-other', 'connection: close'], true],
    ['is of HTTP/1.0', ['HTTP/1.0 200 OK'], true],
    ['is not of HTTP/1.0 that keeps alive', ['HTTP/1.0 200 OK', 'Connection: keep-alive'], false],
    [
      'is not one that only keeps alive',
      ['HTTP/1.1 200 OK', 'Connection: keep-alive', 'Keep-Alive: timeout=5'],
      false,
    ],
    ['is not one with close in another word', ['HTTP/1.1 200 OK', 'Connection: closed'], false],
  ])('%s', (_what, lines, saysClose) => {
    const { responses } = read(head(...lines, 'Content-Length: 0'));
    expect(responses.map((response) => response.saysClose)).toEqual([saysClose]);
  });
});

describe('nonsense is refused', () => {
  it.each([
    [
      'an answer that nobody asked for',
      `${head('HTTP/1.1 200 OK', 'Content-Length: 0')}HTTP/1.1 408`,
      'unasked',
    ],
    ['bytes behind a body', `${head('HTTP/1.1 200 OK', 'Content-Length: 2')}okay`, 'unasked'],
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', 'not a status line'],
    ['a header without a name', head('HTTP/1.1 200 OK', ': x'), 'not a header'],
    ['a header over two lines', head('HTTP/1.1 200 OK', 'A: x', ' y'), 'not a header'],
    [
      'a length and chunks',
      head('HTTP/1.1 200 OK', 'Content-Length: 1', 'Transfer-Encoding: chunked'),
      'a length and',
    ],
    ['two lengths', head('HTTP/1.1 200 OK', 'Content-Length: 1', 'Content-Length: 2'), 'content-length 1, 2'],
    ['a negative length', head('HTTP/1.1 200 OK', 'Content-Length: -1'), 'content-length -1'],
    [
      'another encoding',
      head('HTTP/1.1 200 OK', 'Transfer-Encoding: gzip, chunked'),
      'transfer-encoding gzip',
    ],
    [
      'a chunk without a size',
      `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}x\r\n`,
      'not a chunk size',
    ],
    [
      'a chunk that is too long',
      `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}1\r\nab\r\n`,
      'longer than',
    ],
    [
      'a chunk line without CR',
      `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}1\na\r\n`,
      'without CR',
    ],
    ['a head without end', `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(70_000)}`, 'without end'],
  ])('%s', (_what, text, message) => {
    expect(() => read(text, ['GET'], 65_536)).toThrow(ProtocolError);
    expect(() => read(text, ['GET'], 65_536)).toThrow(message);
  });

  it('a second answer behind one that said Connection: close', () => {
    const last = head('HTTP/1.1 200 OK', 'Connection: close', 'Content-Length: 0');
    expect(() => read(last + last, ['GET', 'GET'])).toThrow('after a response that said Connection: close');
  });
});
