import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Load } from './load.js';

const request = Buffer.from(
  [
    'GET /orders/42 HTTP/1.1',
    'Host: orders.example',
    'User-Agent: graceful-bench',
    'Accept: application/json',
    'Accept-Encoding: gzip, deflate',
    'Connection: keep-alive',
    '\r\n',
  ].join('\r\n'),
);

async function open(port: number): Promise<{ socket: Socket; answerBytes: number }> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  socket.write(request);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  const text = answer.toString('latin1');
  if (!text.startsWith('HTTP/1.1 200') || !text.includes('"paid":true}')) {
    throw new Error(`Expected the order in one piece, got ${text.slice(0, 80)}`);
  }
  return { socket, answerBytes: answer.length };
}

/** Kept-alive connections, on each of which one request is under way at a time. */
export async function openHttp1(port: number, connections: number): Promise<Load> {
  const opened = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const answerBytes = opened[0]?.answerBytes ?? 0;
  const sockets = opened.map(({ socket }) => socket);
  return { send: (total) => send(sockets, answerBytes, total), close: () => close(sockets) };
}

async function send(sockets: readonly Socket[], answerBytes: number, total: number): Promise<void> {
  let sent = 0;
  let answered = 0;
  const ask = (socket: Socket): void => {
    if (sent === total) return;
    sent += 1;
    socket.write(request);
  };
  await new Promise<void>((resolve, reject) => {
    for (const socket of sockets) {
      let received = 0;
      // Answers are told apart by their length alone: the cheaper the generator, the busier the server.
      const onData = (chunk: Buffer): void => {
        received += chunk.length;
        if (received < answerBytes) return;
        if (received > answerBytes) reject(new Error(`Expected ${answerBytes} bytes, got ${received}`));
        received = 0;
        answered += 1;
        if (answered === total) resolve();
        else ask(socket);
      };
      const onClose = (): void =>
        reject(new Error('The server closed a connection in the middle of a round'));
      socket.removeAllListeners().on('data', onData).on('error', reject).on('close', onClose);
      ask(socket);
    }
  });
}

async function close(sockets: readonly Socket[]): Promise<void> {
  await Promise.all(
    sockets.map((socket) => {
      socket.removeAllListeners().resume().end();
      return once(socket, 'close');
    }),
  );
}
