import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Socket } from 'node:net';
import { ended, openRaw, reset } from '../http1/raw.js';
import type { Kind, Visit } from '../protocol.js';
import type { Random } from '../random.js';

function upgrade(path = '/'): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
}

/** A masked frame, as right or wrong as its parts; a mask of zeros changes nothing (RFC 6455, section 5.2). */
function frame(first: number, payload: Buffer = Buffer.alloc(0), length: number = payload.length): Buffer {
  const head = Buffer.alloc(length < 126 ? 6 : 8);
  head.writeUInt8(first, 0);
  head.writeUInt8(0x80 | (length < 126 ? length : 126), 1);
  if (length >= 126) head.writeUInt16BE(length, 2);
  return Buffer.concat([head, payload]);
}

const text = 0x81;
const ping = 0x89;

/** What no receiver takes. */
const garbage: readonly Buffer[] = [
  Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  // Not masked.
  Buffer.of(text, 1, 0x78),
  // A reserved bit, an opcode that nobody knows, a message that goes on and never began.
  frame(0xc1, Buffer.from('x')),
  frame(0x83, Buffer.from('x')),
  frame(0x80, Buffer.from('x')),
  // A PING in parts, and one that is too long.
  frame(0x09, Buffer.from('x')),
  frame(ping, Buffer.alloc(200)),
  // No UTF-8.
  frame(text, Buffer.of(0xff, 0xfe)),
  // A length of 2⁶³ bytes.
  Buffer.of(text, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
  // Close frames of one byte, and with a code that must not be sent.
  frame(0x88, Buffer.of(3)),
  frame(0x88, Buffer.of(0x03, 0xed)),
];

const wrongUpgrades: readonly string[] = [
  upgrade().replace('Version: 13', 'Version: 99'),
  upgrade().replace('AAAAAA', 'A'),
  upgrade().replace('Upgrade: websocket', 'Upgrade: nonsense'),
  upgrade().slice(0, 90),
];

interface Rude {
  readonly name: string;
  readonly path?: string;
  /** Once it is upgraded. It stays until the service has had enough. */
  act(socket: Socket, random: Random): Promise<void> | void;
}

const kinds: readonly Rude[] = [
  { name: 'garbage frames', act: (socket, random) => void socket.write(random.pick(garbage)) },
  { name: 'never answers the close', act: () => {} },
  {
    name: 'talks, and never answers the close',
    async act(socket, random) {
      while (!socket.destroyed && socket.writable) {
        socket.write(frame(text, Buffer.from('x')));
        await pause(random.between(1, 10));
      }
    },
  },
  {
    name: 'never reads',
    path: '/?bytes=200000',
    act: (socket) => void socket.pause(),
  },
  {
    name: 'half a message',
    act: (socket, random) => void socket.write(frame(text, Buffer.alloc(random.between(0, 90)), 100)),
  },
  {
    name: 'a message in parts without end',
    act: (socket) => void socket.write(frame(0x01, Buffer.from('x'))),
  },
  {
    name: 'PING flood',
    async act(socket) {
      for (let burst = 0; burst < 20 && !socket.destroyed && socket.writable; burst++) {
        socket.write(Buffer.concat(Array.from({ length: 100 }, () => frame(ping, Buffer.from('x')))));
        await pause(1);
      }
    },
  },
  { name: 'half-closed', act: (socket) => void socket.end() },
  { name: 'half-closed in a message', act: (socket) => void socket.end(frame(text, Buffer.alloc(10), 100)) },
  { name: 'reset', act: (socket) => reset(socket) },
  {
    name: 'gone in the middle',
    path: '/?bytes=20000',
    act: (socket) => void socket.destroy(),
  },
  {
    name: 'half-closed behind its close frame',
    act: (socket) => void socket.end(frame(0x88, Buffer.of(0x03, 0xe8))),
  },
];

async function misbehave(visit: Visit, { path, act }: Rude): Promise<void> {
  const { random } = visit;
  const socket = await openRaw(visit);
  if (!socket) return;
  const gone = ended(socket);
  socket.write(upgrade(path));
  await Promise.race([once(socket, 'data').catch(() => {}), gone]);
  socket.resume();
  await pause(random.between(0, 60));
  await act(socket, random);
  socket.once('end', () => {
    // Who does not answer does not close either; who has said all may go.
    if (!socket.writable) socket.destroy();
  });
  await gone;
}

async function wrongUpgrade(visit: Visit): Promise<void> {
  const socket = await openRaw(visit);
  if (!socket) return;
  socket.resume();
  socket.once('end', () => socket.destroy());
  socket.write(visit.random.pick(wrongUpgrades));
  await ended(socket);
}

/** Upgrades, and is gone before the answer. */
async function goAtOnce(visit: Visit): Promise<void> {
  const socket = await openRaw(visit);
  if (!socket) return;
  socket.write(upgrade());
  await pause(visit.random.between(0, 3));
  if (visit.random.chance(0.5)) reset(socket);
  else socket.end();
  socket.resume();
  await ended(socket);
}

/** Clients of WebSockets without manners. */
export const rudeWebSockets: readonly Kind[] = [
  ...kinds.map(
    (rude): Kind => ({
      name: `WebSocket: ${rude.name}`,
      manners: 'bad',
      visit: (visit) => misbehave(visit, rude),
    }),
  ),
  { name: 'WebSocket: wrong upgrades', manners: 'bad', visit: wrongUpgrade },
  { name: 'WebSocket: gone in the upgrade', manners: 'bad', visit: goAtOnce },
];
