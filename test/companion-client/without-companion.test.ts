import { describe, expect, it } from 'vitest';
import { SocketFolder } from '../src/listeners/addresses.js';
import { ClientService } from '../src/companion-client/client-service.js';
import {
  chunk,
  FalseCompanion,
  hello,
  json,
  type Manner,
  orderlyUntilStream,
  registered,
  stream,
} from '../src/companion-client/false-companion.js';

/** Short, so that what the client adds is seen. */
const drain = { delayMs: 50, requestsMs: 2_000, hooksMs: 500 };

/** What a service does with whoever is there, or not: starts, serves, and leaves as it would alone. */
async function leavesAsAlone(service: ClientService): Promise<void> {
  await service.state('ready');
  expect(await service.ask('/')).toBe(200);
  expect(await service.ask('/readyz')).toBe(200);
  service.signal('SIGTERM');
  await service.logged('shutdown clean');
  const reported = performance.now();
  const { code, signal, at } = await service.exit();
  expect({ code, signal }, service.stderr).toEqual({ code: 0, signal: null });
  expect(service.report).toMatchObject({ verdict: 'clean', heldBy: [], errors: [] });
  // A second for the goodbye, and room for a machine that is busy.
  expect(at - reported).toBeLessThan(3_000);
}

describe.concurrent('a service whose companion is not there', () => {
  it('starts, serves and leaves, and says once that there is none', async () => {
    using folder = new SocketFolder();
    const socket = folder.path();
    await using service = await ClientService.start({ drain, companion: { socket } });
    await service.logged('no companion at');
    await leavesAsAlone(service);
    expect(service.saidOfCompanion).toEqual([
      `no companion at ${socket} (ENOENT): the service goes on without it, and looks for it`,
    ]);
  });

  it('ends by itself when it has nothing to do', async () => {
    using folder = new SocketFolder();
    await using service = await ClientService.start({ idle: true, companion: { socket: folder.path() } });
    expect(await service.exit()).toMatchObject({ code: 0, signal: null });
  });

  it('ends by itself when it has nothing to do but to listen to a companion', async () => {
    using folder = new SocketFolder();
    const socket = folder.path();
    await using companion = await FalseCompanion.listen(
      socket,
      orderlyUntilStream((peer) => peer.write(stream(hello))),
    );
    await using service = await ClientService.start({ idle: true, companion: { socket } });
    expect(await service.exit()).toMatchObject({ code: 0, signal: null });
    expect(companion.heard[0]).toBe('POST /v1/instances HTTP/1.1');
  });
});

/** A connection of its own, so that nothing waits for the next. */
const says =
  (bytes: string): Manner =>
  (peer) =>
    void peer.write(bytes);

/** Says `piece` for as long as it is listened to. */
const saysForEver =
  (begin: string, piece: string): Manner =>
  (peer) => {
    const more = () => {
      while (!peer.destroyed && peer.write(piece));
    };
    peer.on('drain', more);
    peer.write(begin);
    more();
  };

/** How a companion can be none, and what is logged of it. */
const manners: readonly [string, Manner, RegExp][] = [
  ['never answers', () => {}, /no answer in 500 ms/],
  ['hangs up', (peer) => void peer.end(), /ECONNRESET/],
  ['cuts the connection', (peer) => void peer.destroy(), /ECONNRESET|EPIPE/],
  ['is no HTTP', says('SSH-2.0-OpenSSH_9.2\r\n'), /HPE_/],
  ['is binary', says('\0\x01\x02\xff'.repeat(64)), /HPE_/],
  ['answers with a page', says('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>'), /no JSON/],
  ['answers with nothing', says('HTTP/1.1 204 No Content\r\n\r\n'), /without an id and a token/],
  [
    'answers half',
    says('HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{"id":'),
    /no (answer|end of the answer) in 500 ms/,
  ],
  ['answers with other JSON', says(json(201, [1, 2])), /without an id and a token/],
  ['answers null', says(json(201, null)), /without an id and a token/],
  ['gives an id that is a way out', says(json(201, { id: '../../x\r\ny: z', token: 't' })), /without an id/],
  [
    'refuses',
    says(json(422, { error: { code: 'invalid', message: 'expected another name' } })),
    /422: expected another/,
  ],
  ['fails', says(json(500, {})), /it answered 500/],
  [
    'redirects',
    says('HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 2\r\n\r\n{}'),
    /answered 302/,
  ],
  [
    'switches protocols',
    says('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    /ECONNRESET|end of the connection/,
  ],
  [
    'has a head without end',
    saysForEver('HTTP/1.1 200 OK\r\n', `x: ${'y'.repeat(1_000)}\r\n`),
    /HPE_HEADER_OVERFLOW/,
  ],
  [
    'has a body without end',
    saysForEver('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', chunk('z'.repeat(8_000))),
    /over 524288 bytes/,
  ],
  ['tells to wait without end', saysForEver('', 'HTTP/1.1 100 Continue\r\n\r\n'), /no answer in 500 ms|HPE_/],
  ['refuses the stream', orderlyUntilStream(says(json(404, {}))), /it answered 404/],
  [
    'ends the stream',
    orderlyUntilStream((peer) => void peer.end(`${stream(hello)}0\r\n\r\n`)),
    /the stream ended/,
  ],
  ['cuts the stream', orderlyUntilStream((peer) => void peer.end(stream(hello))), /the stream was cut/],
  [
    'has a line without end',
    orderlyUntilStream(saysForEver(stream(), chunk('x'.repeat(1_000)))),
    /a line without an end/,
  ],
  [
    'floods the stream',
    orderlyUntilStream(saysForEver(stream(), chunk('{}\n'.repeat(100)))),
    /more than 256 lines in a second/,
  ],
];

describe.concurrent('a service whose companion', () => {
  it.each(manners)('%s: starts, serves and leaves as if there were none', async (_what, manner, logged) => {
    using folder = new SocketFolder();
    const socket = folder.path();
    // Where it is not what is tested, a machine that is busy must not look like a companion that is late.
    const connectMs = logged.source.includes('500 ms') ? 500 : 20_000;
    await using companion = await FalseCompanion.listen(socket, manner);
    await using service = await ClientService.start({ drain, companion: { socket, connectMs } });
    await service.logged(logged);
    await leavesAsAlone(service);
    expect(companion.heard.length).toBeGreaterThan(0);
  });

  it('says what cannot be understood: serves on', async () => {
    using folder = new SocketFolder();
    const socket = folder.path();
    const nonsense = [
      '',
      'drain',
      'null',
      '[]',
      '{"type":"drain"}',
      '{"type":"drain","reason":"bad mood","remainingMs":0}',
      '{"type":"drain","reason":"pod","remainingMs":"now"}',
      '{"type":"lame-duck","reason":"pod"}',
      '{"type":"deadline","remainingMs":null}',
      '{"type":"explode"}',
      '{"__proto__":{"type":"drain"}}',
    ];
    await using companion = await FalseCompanion.listen(
      socket,
      orderlyUntilStream((peer) => void peer.write(stream(hello, ...nonsense))),
    );
    await using service = await ClientService.start({ drain, companion: { socket } });
    await service.logged('the companion is there');
    await companion.asked(/^PATCH /);
    await leavesAsAlone(service);
    await companion.asked(/^POST \/v1\/instances\/i1\/bye /);
  });

  it('is slow to take the goodbye: waits a second for it, and no longer', async () => {
    using folder = new SocketFolder();
    const socket = folder.path();
    await using companion = await FalseCompanion.listen(socket, (peer, head) => {
      if (head.includes('/bye ')) return;
      orderlyUntilStream(says(stream(hello)))(peer, head);
    });
    await using service = await ClientService.start({ drain, companion: { socket, connectMs: 60_000 } });
    await service.logged('the companion is there');
    await leavesAsAlone(service);
    await companion.asked(/\/bye /);
  });

  it('answers late to everything: is told the latest only, one word at a time', async () => {
    using folder = new SocketFolder();
    const socket = folder.path();
    let open = 0;
    let most = 0;
    await using companion = await FalseCompanion.listen(socket, (peer, head) => {
      if (!head.startsWith('PATCH ')) return orderlyUntilStream(says(stream(hello)))(peer, head);
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        peer.end(json(200, {}));
      }, 300);
    });
    await using service = await ClientService.start({ drain, companion: { socket } });
    await companion.asked(/^PATCH /);
    await leavesAsAlone(service);
    expect(most).toBe(1);
  });

  it('is registered with, and has forgotten: is told anew who this is', async () => {
    using folder = new SocketFolder();
    const socket = folder.path();
    let forgotten = false;
    await using companion = await FalseCompanion.listen(socket, (peer, head) => {
      if (!forgotten && head.startsWith('PATCH ')) {
        forgotten = true;
        peer.end(json(404, { error: { code: 'not-found', message: 'expected an instance, got none' } }));
      } else if (head.includes('/stream ')) peer.write(stream(hello));
      else peer.end(head.startsWith('POST /v1/instances ') ? registered : json(200, {}));
    });
    await using service = await ClientService.start({ drain, companion: { socket } });
    await companion.asked(/^POST \/v1\/instances /, 2);
    await companion.asked(/^GET .*\/stream /, 2);
    await leavesAsAlone(service);
  });
});
