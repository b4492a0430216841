import { setTimeout as pause } from 'node:timers/promises';
import { ended, hearOut, openRaw, reset } from '../http1/raw.js';
import type { Kind, Visit } from '../protocol.js';

const ask = (bytes = 0) => `GET /events?bytes=${bytes} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

async function neverRead(visit: Visit): Promise<void> {
  const socket = await openRaw(visit);
  if (!socket) return;
  socket.pause();
  socket.write(ask(visit.random.between(20_000, 200_000)));
  await ended(socket);
}

async function goWithoutAWord(visit: Visit): Promise<void> {
  const socket = await openRaw(visit);
  if (!socket) return;
  const heard = hearOut(socket);
  socket.write(ask(visit.random.between(0, 50_000)));
  await pause(visit.random.between(0, 200));
  reset(socket);
  await heard;
}

async function halfClose(visit: Visit): Promise<void> {
  const socket = await openRaw(visit);
  if (!socket) return;
  const heard = hearOut(socket);
  socket.end(ask());
  await heard;
}

/** Asks for more while it listens; not for more events, whose handler Node would not tell that the connection has ended. */
async function pipeline(visit: Visit): Promise<void> {
  const socket = await openRaw(visit);
  if (!socket) return;
  const heard = hearOut(socket);
  socket.write(`${ask()}GET / HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await heard;
}

/** Clients of event streams without manners, over HTTP/1.1. */
export const rudeEvents: readonly Kind[] = [
  { name: 'events: never reads', manners: 'bad', visit: neverRead },
  { name: 'events: reset', manners: 'bad', visit: goWithoutAWord },
  { name: 'events: half-closed', manners: 'bad', visit: halfClose },
  { name: 'events: pipelined', manners: 'bad', visit: pipeline },
];
