import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

const url = process.argv[2] ?? 'ws://localhost:3000';
const longestMs = 10_000;

/** One life of a connection; resolves when it has ended, with whether it had been open. */
function live(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    let opened = false;
    let ticking: NodeJS.Timeout | undefined;
    socket.on('open', () => {
      opened = true;
      ticking = setInterval(() => socket.send(new Date().toISOString()), 1_000);
    });
    socket.on('message', (data: Buffer) => console.log(data.toString()));
    socket.on('error', ({ message }) => console.log(message));
    socket.on('close', (code, reason) => {
      clearInterval(ticking);
      console.log(`closed: ${code} ${reason.toString()}`);
      resolve(opened);
    });
  });
}

for (let failures = 0; ; failures++) {
  if (await live()) failures = 0;
  // Not at once, and no two clients at the same time: a random part of a wait that doubles.
  await sleep(Math.random() * Math.min(longestMs, 500 * 2 ** failures));
}
