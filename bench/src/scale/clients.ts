import { connect, type Socket } from 'node:net';

/** What the clients are asked for. */
export interface Crowd {
  readonly port: number;
  /** Connections that carry one request, and are then kept. */
  readonly idle: number;
  /** Requests that are held until the service is told to leave; the answers take up to `overMs` after that. */
  readonly active: number;
  readonly overMs: number;
}

/** What became of the requests in flight. */
export interface CrowdEnd {
  readonly answered: number;
}

/** So many connect at once: the service is to be measured as it leaves, not as it is stormed. */
const together = 100;

const crowd = JSON.parse(process.argv[2] ?? '') as Crowd;
let answered = 0;

/** Send one request, and stay on the line. */
function ask(path: string): { readonly sent: Promise<void>; readonly answer: Promise<void> } {
  const socket: Socket = connect(crowd.port, '127.0.0.1');
  const sent = new Promise<void>((resolve, reject) => {
    socket.once('connect', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`, () => resolve());
    });
    socket.once('error', reject);
  });
  // A reset in the departure is nobody's news here: it is counted by what is missing.
  socket.on('error', () => {});
  let whole = false;
  const answer = new Promise<void>((resolve) => {
    socket.on('data', (data) => {
      // One small answer, which comes in one piece over loopback.
      if (whole || !data.toString('latin1').endsWith('}')) return;
      whole = true;
      resolve();
    });
  });
  return { sent, answer };
}

async function inBatches(count: number, one: (index: number) => Promise<void>): Promise<void> {
  for (let begun = 0; begun < count; begun += together) {
    await Promise.all(
      Array.from({ length: Math.min(together, count - begun) }, (_, index) => one(begun + index)),
    );
  }
}

await inBatches(crowd.idle, () => ask('/orders/42').answer);
await inBatches(crowd.active, (index) => {
  const ms = Math.round((crowd.overMs * (index + 1)) / crowd.active);
  const { sent, answer } = ask(`/reports/held?ms=${ms}`);
  void answer.then(() => answered++);
  return sent;
});
process.once('disconnect', () => process.exit());
process.on('message', () => {
  const end: CrowdEnd = { answered };
  process.send?.(end);
});
process.send?.('here');
