import type { IncomingMessage } from 'node:http';
import { shown } from '../protocol/check.js';
import { jsonOf } from '../protocol/json.js';
import { Lines } from '../protocol/lines.js';
import { Refused } from '../protocol/refused.js';
import { limits } from '../protocol/wire.js';

/** @throws Refused `content-type` */
function expectType(request: IncomingMessage, type: string): void {
  const given = request.headers['content-type'];
  if (given?.split(';')[0]?.trim().toLowerCase() === type) return;
  throw new Refused(
    'content-type',
    `expected the header "content-type: ${type}", got ${shown(given)}; add it (curl: --json)`,
  );
}

/**
 * The body of a request, which is JSON.
 *
 * @throws Refused `content-type`, `too-large`, `slow`, `malformed`; rejects with something else where the client has gone
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  expectType(request, 'application/json');
  if (Number(request.headers['content-length'] ?? 0) > limits.bodyBytes) throw tooLarge();
  return jsonOf('the body', (await readAll(request)).toString('utf8'));
}

function readAll(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = () => {
      clearTimeout(timer);
      request.off('data', onData);
      request.off('end', onEnd);
      request.off('close', onClose);
    };
    const fail = (error: Error) => {
      settle();
      request.pause();
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limits.bodyBytes) fail(tooLarge());
      else chunks.push(chunk);
    };
    const onEnd = () => {
      settle();
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    };
    const onClose = () => fail(new Error('the client has gone'));
    const timer = setTimeout(
      () => fail(new Refused('slow', `expected the body within ${limits.requestMs} ms, got a part of it`)),
      limits.requestMs,
    );
    request.on('data', onData);
    request.once('end', onEnd);
    request.once('close', onClose);
    request.once('error', () => {});
  });
}

function tooLarge(): Refused {
  return new Refused('too-large', `expected a body of at most ${limits.bodyBytes} bytes, got more`);
}

/**
 * Each line of a body of NDJSON, as it comes; it may take as long as it likes.
 * Empty lines are passed over.
 *
 * @throws Refused `content-type`, `too-large`, `malformed`, and what `each` throws
 */
export async function readLines(request: IncomingMessage, each: (value: unknown) => void): Promise<void> {
  expectType(request, 'application/x-ndjson');
  const lines = new Lines();
  // Its end must not be that of the connection: a refusal is still to be written.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    for (const line of lines.push(chunk as Buffer)) if (line.trim() !== '') each(jsonOf('a line', line));
  }
  const rest = lines.rest();
  if (rest.trim() !== '') each(jsonOf('the last line', rest));
}
