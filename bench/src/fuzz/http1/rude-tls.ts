import { setTimeout as pause } from 'node:timers/promises';
import type { Socket } from 'node:net';
import type { Kind } from '../protocol.js';
import type { Random } from '../random.js';
import { clientHello } from '../suite.js';
import { hearOut, openRaw } from './raw.js';

interface RudeHandshake {
  readonly name: string;
  act(socket: Socket, hello: Buffer, random: Random): Promise<void> | void;
}

const kinds: readonly RudeHandshake[] = [
  { name: 'TLS: not even a handshake', act: () => {} },
  { name: 'TLS: plain HTTP', act: (socket) => void socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n') },
  {
    name: 'TLS: half a ClientHello',
    act: (socket, hello, random) => void socket.write(hello.subarray(0, random.between(1, hello.length - 1))),
  },
  { name: 'TLS: a ClientHello and no more', act: (socket, hello) => void socket.write(hello) },
  {
    name: 'TLS: reset in the handshake',
    async act(socket, hello, random) {
      socket.write(hello.subarray(0, random.between(1, hello.length)));
      await pause(random.between(0, 20));
      socket.resetAndDestroy();
    },
  },
  {
    name: 'TLS: half-closed in the handshake',
    act: (socket, hello, random) => void socket.end(hello.subarray(0, random.between(1, hello.length))),
  },
  {
    name: 'TLS: a broken record',
    act: (socket, hello) => void socket.write(Buffer.concat([hello, Buffer.alloc(200, 0x17)])),
  },
];

/** Clients without manners who do not get beyond the handshake. */
export const rudeTls: readonly Kind[] = kinds.map(({ name, act }) => ({
  name,
  manners: 'bad',
  async visit(visit) {
    const [hello, socket] = [await clientHello(), await openRaw(visit, false)];
    if (!socket) return;
    const heard = hearOut(socket);
    await act(socket, hello, visit.random);
    await heard;
  },
}));
