import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';

type SendHead = (this: unknown, ...args: unknown[]) => unknown;

/** Do something as soon as the head of a response is written; at once, if it is. */
export function afterHead(response: ServerResponse | ServerHttp2Stream, then: () => void): void {
  if (response.headersSent) {
    then();
    return;
  }
  const sendsWith = 'respond' in response ? 'respond' : 'writeHead';
  const methods = response as unknown as Record<typeof sendsWith, SendHead>;
  const send = methods[sendsWith];
  methods[sendsWith] = function (...args) {
    const sent = send.apply(this, args);
    then();
    return sent;
  };
}
