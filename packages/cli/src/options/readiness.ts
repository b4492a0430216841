import type { Readiness } from '@graceful/handover/supervisor';
import { expected } from './expected.js';
import { parseMs } from './values.js';

/**
 * How it is known that a process serves: `fd`, `http://…`, `tcp://host:port`, `timer:ms`.
 *
 * @throws InvalidArgumentError with what was expected
 */
export function parseReadiness(text: string): Readiness {
  if (text === 'fd') return { kind: 'channel' };
  if (text.startsWith('timer:')) return { kind: 'timer', ms: parseMs(text.slice(6)) };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:') return { kind: 'http', url: url.href };
  if (url?.protocol === 'tcp:' && url.port !== '' && url.hostname !== '' && /^\/?$/.test(url.pathname)) {
    return { kind: 'tcp', host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port) };
  }
  throw expected('fd, http://host:port/path, tcp://host:port or timer:milliseconds', text);
}
