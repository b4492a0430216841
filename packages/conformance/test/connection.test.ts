import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Address } from '../src/client/connection.js';
import { ConnectError } from '../src/client/connection.js';
import { LostRequest } from '../src/client/exchange.js';
import { Ledger } from '../src/client/ledger.js';

const servers: Server[] = [];
const ledger = new Ledger();

afterEach(() => {
  ledger.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function listening(server: Server): Promise<Address> {
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, tls: false };
}

/** A server that does to each connection what a test wants, once something has come. */
function scripted(act: (socket: Socket, received: Buffer) => void): Promise<Address> {
  return listening(
    createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {});
      socket.once('data', (received) => act(socket, received));
    }),
  );
}

function http(listener: RequestListener): Promise<Address> {
  return listening(createHttpServer(listener));
}

/** A reset and nothing else; `resetAndDestroy()` ends the connection in order first. */
function reset(socket: Socket): void {
  const { _handle: handle } = socket as Socket & { readonly _handle?: { reset(done: () => void): void } };
  handle?.reset(() => {});
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const lastOk = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok';

describe('a request is answered', () => {
  it('when the whole of its answer has come', async () => {
    const connection = await ledger.connect(await http((_request, response) => response.end('hello')));
    const exchange = connection.send({ path: '/' });
    expect(await exchange.answer()).toMatchObject({ status: 200, body: 'hello' });
    expect(exchange.fate).toBe('answered');
    expect(connection.usable).toBe(true);
  });

  it('when its body goes in chunks, or with a length, and comes back', async () => {
    const address = await http((request, response) => void request.pipe(response));
    for (const chunkBytes of [3, undefined]) {
      const connection = await ledger.connect(address);
      const body = 'a body of some length';
      const request = { method: 'POST', path: '/', body, ...(chunkBytes && { chunkBytes }) };
      expect(await connection.ask(request)).toMatchObject({ body });
    }
  });

  it('when it was sent in parts', async () => {
    const connection = await ledger.connect(await http((request, response) => void request.pipe(response)));
    const exchange = connection.draft({ method: 'POST', path: '/', body: 'part by part' });
    expect(exchange.fate).toBe('unsent');
    exchange.send(10);
    expect(exchange.fate).toBe('sending');
    exchange.send(exchange.wire.headBytes);
    expect(exchange.writtenAt).toBeUndefined();
    exchange.send();
    expect(exchange.fate).toBe('waiting');
    expect(await exchange.answer()).toMatchObject({ body: 'part by part' });
  });

  it('in its turn, when several were sent in one piece', async () => {
    const connection = await ledger.connect(await http((request, response) => response.end(request.url)));
    const exchanges = connection.pipeline([{ path: '/1' }, { path: '/2' }, { path: '/3' }]);
    const bodies = await Promise.all(exchanges.map(async (exchange) => (await exchange.answer()).body));
    expect(bodies).toEqual(['/1', '/2', '/3']);
  });

  it('when it is read late', async () => {
    const bytes = 5_000_000;
    const connection = await ledger.connect(
      await http((_request, response) => response.end(Buffer.alloc(bytes))),
    );
    connection.pause();
    const exchange = connection.send({ path: '/' });
    connection.resume();
    expect(await exchange.answer()).toMatchObject({ bodyBytes: bytes, whole: true });
  });
});

describe('a request is lost', () => {
  it.each([
    ['when the connection ends before the answer', (socket: Socket) => void socket.end()],
    ['when the connection is reset before the answer', (socket: Socket) => reset(socket)],
    ['when the answer is cut', (socket: Socket) => void socket.end(ok.slice(0, -1))],
    ['when the answer is no HTTP', (socket: Socket) => void socket.end('what?\r\n\r\n')],
  ])('%s', async (_when, act) => {
    const connection = await ledger.connect(await scripted(act));
    const exchange = connection.send({ path: '/' });
    expect(await exchange.settled()).toBe('lost');
    await expect(exchange.answer()).rejects.toThrow(LostRequest);
    expect(ledger.lost).toContain(exchange);
  });

  it('when the one before it, in the same piece, was answered as the last', async () => {
    const connection = await ledger.connect(await scripted((socket) => void socket.end(lastOk)));
    const [first, second] = connection.pipeline([{ path: '/1' }, { path: '/2' }]);
    expect(await first?.settled()).toBe('answered');
    expect(await second?.settled()).toBe('lost');
  });

  it('when it is half sent, its answer has begun, and the rest of that does not come', async () => {
    const connection = await ledger.connect(await scripted((socket) => void socket.end(ok.slice(0, -1))));
    const exchange = connection.draft({ method: 'POST', path: '/', body: 'long' }).send(60);
    expect(await exchange.settled()).toBe('lost');
  });

  it('and expected to be, when the scenario says so', async () => {
    const connection = await ledger.connect(await scripted((socket) => void socket.end()));
    const exchange = connection.send({ path: '/', doomed: true });
    expect(await exchange.settled()).toBe('lost');
    expect(ledger.lost).not.toContain(exchange);
  });
});

describe('a request is withdrawn, not lost', () => {
  it('when the connection ends before it was sent whole', async () => {
    const connection = await ledger.connect(await scripted((socket) => void socket.end()));
    const exchange = connection.draft({ path: '/' }).send(5);
    expect(await exchange.settled()).toBe('withdrawn');
  });

  it('when the client knew that the connection had ended', async () => {
    const connection = await ledger.connect(await scripted((socket) => void socket.end(lastOk)));
    await connection.ask({ path: '/' });
    expect(connection.told).toBe(true);
    expect(await connection.send({ path: '/' }).settled()).toBe('withdrawn');
    expect(() => connection.pipeline([{ path: '/' }])).toThrow('has ended');
  });

  it('when the client itself gave up', async () => {
    const connection = await ledger.connect(await scripted(() => {}));
    const exchange = connection.send({ path: '/' });
    connection.destroy();
    expect(await exchange.settled()).toBe('withdrawn');
  });
});

describe('a connection tells how it ended', () => {
  it('in order, by the server', async () => {
    const connection = await ledger.connect(await scripted((socket) => void socket.end(ok)));
    await connection.ask({ path: '/' });
    expect(await connection.closed).toMatchObject({ how: 'server' });
  });

  it('by a reset', async () => {
    const address = await scripted((socket) => {
      socket.once('data', () => reset(socket));
      socket.write(ok);
    });
    const connection = await ledger.connect(address);
    await connection.ask({ path: '/' });
    // Right behind an answer a reset looks like an end in order: libuv tells no more than that.
    connection.send({ path: '/' });
    expect(await connection.closed).toMatchObject({ how: 'reset', detail: 'ECONNRESET' });
    expect(ledger.broken).toContain(connection);
  });

  it('by nonsense', async () => {
    const connection = await ledger.connect(
      await scripted((socket) => void socket.write('nonsense\r\n\r\n')),
    );
    connection.send({ path: '/' });
    expect(await connection.closed).toMatchObject({ how: 'nonsense' });
  });

  it('not at all, when it never came about', async () => {
    const { address, server } = await gone();
    expect(server.listening).toBe(false);
    const before = ledger.refusals.length;
    await expect(ledger.connect(address)).rejects.toThrow(ConnectError);
    expect(ledger.refusals.slice(before)).toMatchObject([{ code: 'ECONNREFUSED' }]);
  });

  it('with its own side left open, when the client is stubborn', async () => {
    let ended = false;
    const address = await scripted((socket) => {
      socket.on('end', () => {
        ended = true;
      });
      socket.end(lastOk);
    });
    const connection = await ledger.connect(address, { stubborn: true });
    await connection.ask({ path: '/' });
    await connection.closed;
    // A round trip on the same server, by when an end on the first connection would have come.
    await (await ledger.connect(address)).ask({ path: '/' });
    expect(ended).toBe(false);
  });
});

async function gone(): Promise<{ address: Address; server: Server }> {
  const server = createServer();
  const address = await listening(server);
  server.close();
  await once(server, 'close');
  return { address, server };
}
