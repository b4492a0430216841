import { setTimeout as pause } from 'node:timers/promises';
import type { Socket } from 'node:net';
import { ended, openRaw, reset } from '../http1/raw.js';
import type { Kind, Visit } from '../protocol.js';
import type { Random } from '../random.js';
import { fields, flags, frame, frameTypes, get, preface, settings, uint32 } from './frames.js';

const { data, headers, priority, pushPromise, ping, goaway, windowUpdate, continuation } = frameTypes;
const initialWindow = 4;
/** What is never answered; its handler sets no timer, which would outlive the request and be named in the report. */
const held = '/hold?id=gone';
const whole = flags.endHeaders | flags.endStream;

/** What a client says first, when it says that right. */
const hello = Buffer.concat([preface, settings()]);

const wrongPrefaces: readonly Buffer[] = [
  Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'),
  Buffer.alloc(100),
  Buffer.concat([preface, Buffer.alloc(100, 0xff)]),
  // Something else than SETTINGS first.
  Buffer.concat([preface, get(1, '/')]),
  Buffer.concat([preface, preface]),
];

/** What no session survives, or no stream. */
const malformed: readonly Buffer[] = [
  // Lengths that do not fit.
  frame(frameTypes.settings, 0, 0, Buffer.alloc(5)),
  frame(ping, 0, 0, Buffer.alloc(7)),
  frame(windowUpdate, 0, 0, Buffer.alloc(3)),
  frame(frameTypes.reset, 0, 1, Buffer.alloc(3)),
  frame(data, 0, 1, Buffer.alloc(10), 0xff_ffff),
  // On a stream where they do not belong.
  frame(frameTypes.settings, 0, 1),
  frame(ping, 0, 1, Buffer.alloc(8)),
  frame(data, 0, 0, Buffer.from('x')),
  frame(headers, whole, 0, fields('/')),
  frame(headers, whole, 2, fields('/')),
  frame(data, flags.endStream, 99, Buffer.from('x')),
  frame(frameTypes.reset, 0, 99, uint32(8)),
  frame(continuation, flags.endHeaders, 1, fields('/')),
  frame(pushPromise, flags.endHeaders, 1, uint32(2)),
  // With nonsense in them.
  frame(headers, whole, 1, Buffer.alloc(40, 0xff)),
  frame(headers, whole, 1, Buffer.of(0, 3, 0x41, 0x42)),
  frame(headers, whole | flags.padded, 1, Buffer.of(200, 1, 2)),
  frame(headers, whole, 1, fields('/').subarray(12)),
  frame(priority, 0, 1, uint32(1, 0)),
  frame(windowUpdate, 0, 0, uint32(0)),
  frame(windowUpdate, 0, 0, uint32(0x7fff_ffff)),
  settings([initialWindow, 0xffff_ffff]),
  settings([5, 1]),
  Buffer.concat([get(3, '/'), get(1, '/')]),
  Buffer.concat([get(1, held), get(1, '/')]),
];

function post(stream: number, path: string): Buffer {
  return frame(headers, flags.endHeaders, stream, fields(path, 'POST'));
}

function many(count: number, of: (index: number) => Buffer): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_none, index) => of(index)));
}

/** Send piece after piece as long as the service takes them. */
async function goOnSending(
  socket: Socket,
  pieces: number,
  everyMs: number,
  of: (index: number) => Buffer,
): Promise<void> {
  for (let index = 0; index < pieces && !socket.destroyed && socket.writable; index++) {
    socket.write(of(index));
    await pause(everyMs);
  }
}

interface Rude {
  readonly name: string;
  /** `false`: it says nothing by itself. */
  readonly greets?: boolean;
  act(socket: Socket, random: Random): Promise<void> | void;
}

/** Each acts on a connection of its own, and stays until the service has had enough. */
const kinds: readonly Rude[] = [
  {
    name: 'garbage preface',
    greets: false,
    act: (socket, random) => void socket.write(random.pick(wrongPrefaces)),
  },
  {
    name: 'half a preface',
    greets: false,
    act: (socket, random) => void socket.write(hello.subarray(0, random.between(1, hello.length - 1))),
  },
  { name: 'mute', greets: false, act: () => {} },
  { name: 'asks nothing', act: () => {} },
  { name: 'malformed frames', act: (socket, random) => void socket.write(random.pick(malformed)) },
  {
    name: 'malformed frames behind a request',
    act: (socket, random) => void socket.write(Buffer.concat([get(1, held), random.pick(malformed)])),
  },
  {
    name: 'random bytes',
    act(socket, random) {
      socket.write(Buffer.concat([get(1, '/'), many(50, () => uint32(random.next()))]));
    },
  },
  {
    name: 'SETTINGS flood',
    act: (socket, random) =>
      goOnSending(socket, random.between(5, 60), 2, (index) =>
        many(100, () => settings([initialWindow, 60_000 + index])),
      ),
  },
  {
    name: 'PING flood',
    act: (socket, random) =>
      goOnSending(socket, random.between(5, 60), 2, () =>
        many(100, () => frame(ping, 0, 0, Buffer.alloc(8))),
      ),
  },
  {
    name: 'rapid reset',
    act: (socket, random) =>
      goOnSending(socket, random.between(1, 20), 2, (turn) =>
        many(25, (index) => {
          const stream = 2 * (turn * 25 + index) + 1;
          return Buffer.concat([get(stream, held), frame(frameTypes.reset, 0, stream, uint32(8))]);
        }),
      ),
  },
  {
    name: 'requests flood',
    act: (socket, random) =>
      goOnSending(socket, random.between(1, 20), 5, (turn) =>
        many(20, (index) => get(2 * (turn * 20 + index) + 1, '/')),
      ),
  },
  {
    name: 'CONTINUATION without end',
    async act(socket, random) {
      socket.write(frame(headers, flags.endStream, 1, fields('/')));
      const everyMs = random.between(0, 20);
      await goOnSending(socket, 200, everyMs, () =>
        frame(continuation, 0, 1, random.chance(0.5) ? Buffer.alloc(0) : fields('/').subarray(-10)),
      );
    },
  },
  {
    name: 'CONTINUATION that never comes',
    act: (socket) => void socket.write(frame(headers, flags.endStream, 1, fields('/'))),
  },
  {
    name: 'half a head',
    act(socket, random) {
      const head = get(1, '/');
      socket.write(head.subarray(0, random.between(1, head.length - 1)));
    },
  },
  {
    name: 'window never opened',
    act: (socket) =>
      void socket.write(
        Buffer.concat([settings([initialWindow, 0]), get(1, '/'), get(3, '/big?bytes=100000')]),
      ),
  },
  {
    name: 'window opened by the byte',
    async act(socket) {
      socket.write(Buffer.concat([settings([initialWindow, 1]), get(1, '/big?bytes=100000')]));
      await goOnSending(socket, 500, 3, () => frame(windowUpdate, 0, 1, uint32(1)));
    },
  },
  {
    name: 'never reads',
    act(socket) {
      socket.pause();
      const most = uint32(0x7000_0000);
      socket.write(settings([initialWindow, 0x7000_0000]));
      socket.write(frame(windowUpdate, 0, 0, most));
      socket.write(many(5, (index) => get(2 * index + 1, '/big?bytes=10000000')));
    },
  },
  {
    name: 'stalled upload',
    act: (socket) =>
      void socket.write(Buffer.concat([post(1, '/count'), frame(data, 0, 1, Buffer.alloc(1_000))])),
  },
  {
    name: 'half a DATA frame',
    act: (socket) =>
      void socket.write(Buffer.concat([post(1, '/count'), frame(data, 0, 1, Buffer.alloc(10), 1_000)])),
  },
  {
    name: 'empty DATA flood',
    async act(socket, random) {
      socket.write(post(1, '/count'));
      await goOnSending(socket, random.between(5, 60), 2, () => many(50, () => frame(data, 0, 1)));
    },
  },
  {
    name: 'events, never opened',
    act: (socket) =>
      void socket.write(Buffer.concat([settings([initialWindow, 0]), get(1, '/events?bytes=10000')])),
  },
  { name: 'half-closed', act: (socket) => void socket.end() },
  { name: 'half-closed, asked', act: (socket) => void socket.end(get(1, '/big?bytes=300000')) },
  { name: 'half-closed, held', act: (socket) => void socket.end(get(1, held)) },
  { name: 'half-closed, half asked', act: (socket) => void socket.end(get(1, '/').subarray(0, 20)) },
  { name: 'held', act: (socket) => void socket.write(get(1, held)) },
  {
    name: 'says GOAWAY, and stays',
    act: (socket) =>
      void socket.write(Buffer.concat([get(1, '/slow?ms=60'), frame(goaway, 0, 0, uint32(0, 0))])),
  },
  {
    name: 'goes on after GOAWAY',
    act: (socket, random) =>
      goOnSending(socket, 200, random.between(2, 10), (index) => get(2 * index + 1, '/slow?ms=5')),
  },
  {
    name: 'reset, asked',
    async act(socket, random) {
      socket.write(random.pick([get(1, '/'), get(1, held), get(1, '/big?bytes=5000000'), post(1, '/count')]));
      await pause(random.between(0, 30));
      reset(socket);
    },
  },
];

async function misbehave(visit: Visit, { greets = true, act }: Rude): Promise<void> {
  const { random, trial } = visit;
  const socket = await openRaw(visit, trial.service.address().tls, 'h2');
  if (!socket) return;
  const gone = ended(socket);
  socket.resume();
  // Its own end is never said by those who stay, and the service must not wait for that for ever.
  const stubborn = random.chance(0.3);
  socket.once('end', () => {
    if (!stubborn) socket.destroy();
  });
  if (greets) socket.write(hello);
  await act(socket, random);
  await gone;
}

/** Clients without manners, over HTTP/2 with or without TLS. They never say that they have heard SETTINGS. */
export const rudeHttp2: readonly Kind[] = kinds.map(
  (rude): Kind => ({
    name: `HTTP/2: ${rude.name}`,
    manners: 'bad',
    visit: (visit) => misbehave(visit, rude),
  }),
);
