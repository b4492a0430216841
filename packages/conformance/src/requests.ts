import type { RawRequest } from './client/request.js';
import {
  expectDuration,
  expectKnownKeys,
  expectObject,
  expectPath,
  expectText,
  expectTextByName,
  unexpected,
} from './expect.js';
import type { RequestOptions } from './options.js';

/** A request and how long it takes, in milliseconds. */
export interface Timed {
  readonly request: RawRequest;
  readonly takesMs: number;
}

/** The requests of the service, ready to be sent. */
export interface Requests {
  readonly quick: RawRequest;
  readonly slow?: Timed;
  readonly large?: RawRequest;
  /** The same body with its length said, and in chunks. */
  readonly upload?: { readonly plain: RawRequest; readonly chunked: RawRequest };
  readonly stream?: Timed;
  readonly endless?: RawRequest;
  readonly events?: RawRequest;
  readonly websocket?: string;
}

const uploadBytes = 300_000;
const chunkBytes = 10_000;
/** Less, and a request is over before anything can happen to it. */
export const leastTakesMs = 200;

const requestNames = 'quick slow large upload stream endless events websocket'.split(' ');

/** @throws {@link ConformanceError} `ERR_CONFORMANCE_OPTION` */
export function requestsOf(option: RequestOptions): Requests {
  expectObject('requests', option);
  expectKnownKeys('requests', option, requestNames);
  const { quick, slow, large, upload, stream, endless, events, websocket } = option;
  if (websocket !== undefined) expectPath('requests.websocket', websocket);
  return {
    quick: requestOf('requests.quick', quick),
    ...(slow !== undefined && { slow: timedOf('requests.slow', slow) }),
    ...(large !== undefined && { large: requestOf('requests.large', large) }),
    ...(upload !== undefined && { upload: uploadOf(upload) }),
    ...(stream !== undefined && { stream: timedOf('requests.stream', stream) }),
    ...(endless !== undefined && { endless: { ...requestOf('requests.endless', endless), doomed: true } }),
    ...(events !== undefined && {
      events: requestOf('requests.events', events, { Accept: 'text/event-stream' }),
    }),
    ...(websocket !== undefined && { websocket }),
  };
}

function timedOf(what: string, option: unknown): Timed {
  expectObject(what, option);
  const { takesMs, ...parts } = option as { readonly takesMs?: unknown };
  expectDuration(`${what}.takesMs`, takesMs, leastTakesMs);
  return { request: requestOf(what, parts), takesMs };
}

function uploadOf(option: unknown): { readonly plain: RawRequest; readonly chunked: RawRequest } {
  const request = requestOf('requests.upload', option);
  const { body = Buffer.alloc(uploadBytes, 'upload '), method = 'POST' } = request;
  if (method === 'GET' || method === 'HEAD')
    unexpected('requests.upload to be a request that has a body', method);
  const plain = { ...request, method, body };
  return { plain, chunked: { ...plain, chunkBytes } };
}

function requestOf(what: string, option: unknown, more: Readonly<Record<string, string>> = {}): RawRequest {
  const parts = typeof option === 'string' ? partsOf(what, option) : option;
  expectObject(what, parts);
  expectKnownKeys(what, parts, ['method', 'path', 'headers', 'body']);
  const { method, path, headers = {}, body } = parts as Record<string, unknown>;
  expectPath(`${what}.path`, path);
  expectTextByName(`${what}.headers`, headers);
  if (body !== undefined) expectText(`${what}.body`, body);
  if (method !== undefined && (typeof method !== 'string' || !/^[A-Z]+$/.test(method)))
    unexpected(`${what}.method to be a method in capitals`, method);
  const defaultMethod = body === undefined ? undefined : 'POST';
  const chosen = method ?? defaultMethod;
  return {
    path,
    headers: { ...more, ...headers },
    ...(chosen !== undefined && { method: chosen }),
    ...(body !== undefined && { body }),
  };
}

function partsOf(what: string, line: string): object {
  const [, method, path] = /^(?:([A-Z]+) )?(\/\S*)$/.exec(line) ?? [];
  if (path === undefined) unexpected(`${what} to be like "GET /path"`, line);
  return method === undefined ? { path } : { method, path };
}
