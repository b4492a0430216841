import { AnswerReader } from './answer-reader.js';
import { FarSocket } from './far-socket.js';
import type { Tally } from './tally.js';

export interface KeepAlivePlan {
  readonly rttMs: number;
  /** Between an answer and the next request; each wait is somewhere within ± half of it. */
  readonly thinkMs: number;
}

const body = JSON.stringify({ customer: 'ada', items: [1, 2, 3] });
const post =
  'POST /orders HTTP/1.1\r\nHost: orders.example\r\nContent-Type: application/json\r\n' +
  `Content-Length: ${body.length}\r\n\r\n${body}`;

/**
 * One client on one connection: posts, waits for the answer, thinks, posts
 * again, until the server tells it to stop, or ends the connection. It does
 * not come back: where it would go, another instance is serving by then.
 */
export function keepAliveClient(port: number, plan: KeepAlivePlan, tally: Tally): Promise<void> {
  return new Promise((resolve) => {
    const reader = new AnswerReader();
    let waiting = false;
    let thinking: NodeJS.Timeout | undefined;
    const ask = (): void => {
      waiting = true;
      socket.send(post);
    };
    const socket = new FarSocket(port, plan.rttMs, {
      onOpen: ask,
      onData: (chunk) => {
        const answer = reader.read(chunk);
        if (answer === undefined) return;
        waiting = false;
        tally.answer(answer.status);
        if (answer.told) socket.end();
        else thinking = setTimeout(ask, plan.thinkMs * (0.5 + Math.random()));
      },
      onGone: () => {
        clearTimeout(thinking);
        if (waiting) tally.lose();
        resolve();
      },
    });
  });
}
