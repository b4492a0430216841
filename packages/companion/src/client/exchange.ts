import { type ClientRequest, type IncomingMessage, request, type RequestOptions } from 'node:http';
import { limits } from '../protocol/wire.js';

/** What became of a request. Whatever the other side does, it is one of these. */
export type Outcome =
  | { readonly type: 'answer'; readonly status: number; readonly body: unknown }
  /** Nobody listens there, or whoever did has gone. */
  | { readonly type: 'nobody'; readonly why: string }
  | { readonly type: 'late'; readonly why: string }
  /** What answers speaks another language. */
  | { readonly type: 'garbage'; readonly why: string };

/** A request to a companion. */
export interface Exchange {
  /** Path of the control socket. */
  readonly socket: string;
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly token?: string;
  readonly body?: object;
  /** How long the answer may take, in milliseconds. */
  readonly timeoutMs: number;
  /**
   * How long the answer may be, in bytes.
   *
   * @defaultValue 512 KiB: a receipt, with the report in it, or the state of 256 instances
   */
  readonly mostBytes?: number;
}

/**
 * One request on a connection of its own. Never rejects, never takes longer
 * than it may, never keeps more than a companion may say, and does not keep
 * the process alive.
 */
export function exchange(wanted: Exchange): Promise<Outcome> {
  return new Promise((resolve) => {
    const sent = send(wanted, {
      answered: (response) => void collect(response, sent, wanted).then(resolve),
      failed: resolve,
    });
  });
}

/** What a request comes to, of which the first counts. */
interface Ends {
  readonly answered: (response: IncomingMessage) => void;
  readonly failed: (outcome: Outcome) => void;
}

/** Send it, and wait for the head of the answer. */
export function send(wanted: Exchange, { answered, failed }: Ends): ClientRequest {
  const { socket, method, path, token, body, timeoutMs } = wanted;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const options: RequestOptions = {
    socketPath: socket,
    method,
    path,
    // A connection of its own: one that hangs holds up no other.
    agent: false,
    // A companion's is a few lines.
    maxHeaderSize: limits.headBytes,
    headers: {
      accept: 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(text !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      }),
    },
  };
  const sent = request(options);
  // Of its own making, and not by `timeout`: that one begins anew with each byte.
  const timer = setTimeout(() => {
    failed({ type: 'late', why: `no answer in ${timeoutMs} ms` });
    sent.destroy();
  }, timeoutMs).unref();
  let head = false;
  sent.on('socket', (connection) => connection.unref());
  sent.on('response', (response) => {
    head = true;
    clearTimeout(timer);
    answered(response);
  });
  sent.on('error', (error: NodeJS.ErrnoException) => {
    clearTimeout(timer);
    failed(failureOf(error));
  });
  sent.on('close', () => {
    clearTimeout(timer);
    // Such as one that would rather switch to another protocol (101).
    if (!head) failed({ type: 'garbage', why: 'the end of the connection' });
  });
  sent.end(text);
  return sent;
}

/** llhttp's, when what came is no HTTP, or too much of it. */
function failureOf({ code = '', message }: NodeJS.ErrnoException): Outcome {
  return { type: code.startsWith('HPE_') ? 'garbage' : 'nobody', why: code || message };
}

/** The whole of an answer, which is small where it is a companion's. */
function collect(
  response: IncomingMessage,
  sent: ClientRequest,
  { timeoutMs, mostBytes = 8 * limits.bodyBytes }: Pick<Exchange, 'timeoutMs' | 'mostBytes'>,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = (outcome: Outcome) => {
      clearTimeout(timer);
      resolve(outcome);
      sent.destroy();
    };
    const timer = setTimeout(
      () => end({ type: 'late', why: `no end of the answer in ${timeoutMs} ms` }),
      timeoutMs,
    ).unref();
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > mostBytes) end({ type: 'garbage', why: `an answer of over ${mostBytes} bytes` });
    });
    response.on('end', () => end(answerOf(response.statusCode ?? 0, Buffer.concat(chunks).toString())));
    // Also for one that is cut: ECONNRESET, "aborted".
    response.on('error', (error) => end(failureOf(error)));
  });
}

function answerOf(status: number, text: string): Outcome {
  try {
    // 204: nothing to tell.
    return { type: 'answer', status, body: text === '' ? undefined : JSON.parse(text) };
  } catch {
    return { type: 'garbage', why: `status ${status} with what is no JSON` };
  }
}
