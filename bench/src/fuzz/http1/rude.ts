import { setTimeout as pause } from 'node:timers/promises';
import type { Socket } from 'node:net';
import type { Kind, Visit } from '../protocol.js';
import type { Random } from '../random.js';
import { ended, hearOut, openRaw, reset } from './raw.js';

const get = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** What no parser takes. */
const malformed: readonly string[] = [
  'GET / HTTP/1.1\r\nHost\r\n\r\n',
  'GET / HTTP/9.9\r\nHost: localhost\r\n\r\n',
  'GET /\r\n\r\n\r\n',
  'NONSENSE\r\n\r\n',
  '\0\0\0\0\0\0\0\0',
  'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
  'POST /count HTTP/1.1\r\nHost: localhost\r\nContent-Length: minus\r\n\r\n',
  'POST /count HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  `${get}and then nonsense\r\n\r\n`,
];

/** A request that has a begin and, here, no end. */
function half(random: Random): string {
  return `${get.slice(0, -2)}X-Padding: ${'x'.repeat(random.between(0, 300))}`;
}

const upload = 'POST /count HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\n';

interface Rude {
  readonly name: string;
  act(socket: Socket, random: Random): Promise<void> | void;
}

/** Each acts on a connection of its own, and stays until the service has had enough. */
const kinds: readonly Rude[] = [
  { name: 'malformed requests', act: (socket, random) => void socket.write(random.pick(malformed)) },
  {
    name: 'oversized headers',
    act: (socket, random) =>
      void socket.write(`${get.slice(0, -2)}X-Big: ${'x'.repeat(random.between(20_000, 200_000))}\r\n\r\n`),
  },
  { name: 'mute', act: () => {} },
  { name: 'half-sent heads', act: (socket, random) => void socket.write(half(random)) },
  {
    name: 'half-sent heads after a whole request',
    act: (socket, random) => void socket.write(get + half(random)),
  },
  { name: 'half-closed, asked', act: (socket) => void socket.end(get.replace('/', '/hold?id=gone')) },
  { name: 'half-closed, half asked', act: (socket, random) => void socket.end(half(random)) },
  { name: 'half-closed, mute', act: (socket) => void socket.end() },
  {
    name: 'half-closed, kept-alive',
    async act(socket, random) {
      socket.write(get);
      await pause(random.between(0, 60));
      socket.end();
    },
  },
  {
    name: 'stalled upload',
    act: (socket, random) => void socket.write(upload + 'x'.repeat(random.between(0, 100_000))),
  },
  {
    name: 'stalled upload, refused',
    act: (socket) => void socket.write(upload.replace('/count', '/refuse')),
  },
  {
    name: 'half-closed upload',
    act: (socket, random) => void socket.end(upload + 'x'.repeat(random.between(0, 100_000))),
  },
  {
    name: 'byte by byte',
    async act(socket, random) {
      const everyMs = random.between(1, 8);
      for (const byte of get.slice(0, -2) + `X-Padding: ${'x'.repeat(2_000)}`) {
        if (socket.destroyed || !socket.writable) return;
        socket.write(byte);
        await pause(everyMs);
      }
    },
  },
  {
    name: 'upload byte by byte',
    async act(socket, random) {
      const everyMs = random.between(1, 8);
      socket.write(upload);
      for (let sent = 0; sent < 2_000 && !socket.destroyed && socket.writable; sent++) {
        socket.write('x');
        await pause(everyMs);
      }
    },
  },
  {
    name: 'reset, asked',
    async act(socket, random) {
      socket.write(random.pick([get, upload, half(random), get.replace('/', '/hold?id=gone')]));
      await pause(random.between(0, 30));
      reset(socket);
    },
  },
  {
    name: 'gone in the middle of an answer',
    async act(socket, random) {
      socket.write(get.replace('/', '/big?bytes=20000000'));
      await pause(random.between(1, 60));
      socket.destroy();
    },
  },
];

async function flood(visit: Visit): Promise<void> {
  const count = visit.random.between(10, 60);
  const everyMs = visit.random.between(0, 5);
  for (let opened = 0; opened < count && !visit.over.aborted; opened++) {
    const socket = await openRaw(visit, false);
    if (visit.random.chance(0.5)) socket?.write(get);
    socket?.resetAndDestroy();
    if (everyMs > 0) await pause(everyMs);
  }
}

/** Asks for more than any kernel holds, and never reads it. */
async function neverRead(visit: Visit): Promise<void> {
  const socket = await openRaw(visit);
  if (!socket) return;
  socket.pause();
  socket.write(get.replace('/', '/big?bytes=30000000'));
  await ended(socket);
}

/** Clients without manners, over HTTP/1.1 with or without TLS. */
export const rudeHttp: readonly Kind[] = [
  ...kinds.map(
    ({ name, act }): Kind => ({
      name,
      manners: 'bad',
      async visit(visit) {
        const socket = await openRaw(visit);
        if (!socket) return;
        const heard = hearOut(socket);
        await act(socket, visit.random);
        await heard;
      },
    }),
  ),
  { name: 'reset flood', manners: 'bad', visit: flood },
  { name: 'never reads', manners: 'bad', visit: neverRead },
];
