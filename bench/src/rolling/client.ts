import { connect } from 'node:net';
import { AnswerReader } from '../drain/answer-reader.js';
import type { Books } from './books.js';

function post(body: string): Buffer {
  const head = `POST /orders HTTP/1.1\r\nHost: orders.example\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  return Buffer.from(`${head}\r\n\r\n${body}`);
}

const get = Buffer.from('GET /orders/42 HTTP/1.1\r\nHost: orders.example\r\n\r\n');
const small = post(JSON.stringify({ customer: 'ada', items: [1, 2, 3] }));
const large = post(JSON.stringify({ customer: 'ada', note: 'x'.repeat(20_000) }));

/** What a client asks in turn. */
const requests: readonly Buffer[] = [get, small, get, small, get, get, small, large];

/**
 * One client, one connection after the other: it asks, waits for the answer,
 * thinks, and asks the next thing, until `enough`. Nothing is asked twice: a
 * request whose connection ends before its answer has come whole is lost, and
 * so is one for which there was no connection.
 */
export function keptAliveClient(
  port: number,
  thinkMs: number,
  books: Books,
  enough: () => boolean,
): Promise<void> {
  const pause = (): number => thinkMs * (0.5 + Math.random());
  let turn = Math.floor(Math.random() * requests.length);
  return new Promise((resolve) => {
    const open = (): void => {
      const reader = new AnswerReader();
      let request: Buffer = get;
      let waiting = true;
      let thinking: NodeJS.Timeout | undefined;
      books.connections += 1;
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      const ask = (): void => {
        if (enough()) return void socket.end();
        waiting = true;
        request = requests[turn++ % requests.length] ?? get;
        socket.write(request);
      };
      socket.on('connect', ask);
      socket.on('data', (chunk: Buffer) => {
        const answer = reader.read(chunk);
        if (answer === undefined) return;
        waiting = false;
        books.answer(answer.status, request !== get);
        if (answer.told) socket.end();
        else thinking = setTimeout(ask, pause());
      });
      // What an error comes to is seen at the close.
      socket.on('error', () => {});
      socket.on('close', () => {
        clearTimeout(thinking);
        if (waiting) books.lose();
        if (enough()) resolve();
        else setTimeout(open, pause());
      });
    };
    open();
  });
}
