import { describe, expect, it } from 'vitest';
import type { Address } from '@graceful/conformance/client';
import { CompanionProcess, PodFolder } from '../src/companion/companion-process.js';
import { ask } from '../src/companion/ask.js';
import { refusalIn, Wire } from '../src/companion/hostile.js';
import { Member } from '../src/companion/member.js';

const json = { 'content-type': 'application/json' };

/** A request as it goes over the wire, with the length of its body unless that is told otherwise. */
function post(path: string, body: string, headers: Readonly<Record<string, string>> = json): string {
  const fields = Object.entries({ 'content-length': String(Buffer.byteLength(body)), ...headers });
  return `POST ${path} HTTP/1.1\r\nhost: x\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
}

/** What is sent to the control socket, and how it is refused. */
const toControl: readonly (readonly [what: string, bytes: string, status: number, message: RegExp])[] = [
  [
    'nonsense',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    400,
    /expected a request of HTTP\/1\.1, got something else/,
  ],
  ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, /expected a request of HTTP\/1\.1/],
  ['a head without end', `GET /v1/state HTTP/1.1\r\nx: ${'x'.repeat(9_000)}`, 431, /at most 8192 bytes/],
  [
    'two lengths',
    'POST /v1/drain HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
    400,
    /HTTP\/1\.1/,
  ],
  [
    'a length and chunks',
    'POST /v1/drain HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    /HTTP\/1\.1/,
  ],
  ['CONNECT', 'CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n', 405, /got CONNECT/],
  [
    'a body that is announced too large',
    post('/v1/drain', '', { ...json, 'content-length': '65537' }),
    413,
    /at most 65536 bytes/,
  ],
  [
    'no JSON',
    post('/v1/drain', '{"reason": operator}', { ...json, connection: 'close' }),
    400,
    /expected the body to be JSON/,
  ],
  [
    'JSON as something else',
    post('/v1/drain', '{}', { 'content-type': 'text/plain', connection: 'close' }),
    415,
    /content-type: application\/json/,
  ],
  ['JSON without a word', post('/v1/drain', '{}', { connection: 'close' }), 415, /got nothing/],
  ['nothing', post('/v1/drain', '', { ...json, connection: 'close' }), 400, /expected the body to be JSON/],
  ['nested JSON', post('/v1/drain', '['.repeat(60_000), { ...json, connection: 'close' }), 400, /JSON/],
  ['an array', post('/v1/instances', '[]', { ...json, connection: 'close' }), 422, /to be a JSON object/],
  [
    'a name that is a path',
    post('/v1/instances', '{"name":"../../x"}', { ...json, connection: 'close' }),
    422,
    /expected `name`/,
  ],
  [
    'a prototype',
    post('/v1/instances', '{"name":"a","__proto__":{"x":1}}', { ...json, connection: 'close' }),
    422,
    /no other fields/,
  ],
  [
    'another path',
    'GET /v1/../state HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    404,
    /expected a path/,
  ],
  [
    'a path of the prototype',
    'GET /constructor HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    404,
    /expected a path/,
  ],
  [
    'a method of the prototype',
    'GET /v1/instances HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    405,
    /expected POST/,
  ],
  [
    'an instance that is none',
    'GET /v1/instances/x/stream HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    404,
    /register again/,
  ],
  [
    'a goal that is none',
    'GET /v1/wait?for=ever HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    422,
    /one of ready, lame-duck, drained, gone/,
  ],
  [
    'a number that is none',
    'GET /v1/events?since=-1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    422,
    /whole number/,
  ],
];

const toKubelet: typeof toControl = [
  ['nonsense', 'hello\r\n\r\n', 400, /expected a request of HTTP\/1\.1/],
  ['a head without end', `GET /readyz HTTP/1.1\r\nx: ${'x'.repeat(5_000)}`, 431, /at most 4096 bytes/],
  [
    'a POST',
    post('/readyz', '{}', { ...json, connection: 'close' }),
    405,
    /expected GET: this port changes nothing/,
  ],
  ['a DELETE', 'DELETE /hold HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 405, /expected GET/],
  [
    'a drain',
    post('/v1/drain', '{"reason":"pod"}', { ...json, connection: 'close' }),
    404,
    /expected one of \/livez, \/startupz, \/readyz, \/hold/,
  ],
  ['the state', 'GET /v1/state HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 404, /expected one of/],
  [
    'another path',
    'GET /../metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    404,
    /expected one of/,
  ],
  [
    'a container that is none',
    'GET /hold?container=../x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    422,
    /expected `container`/,
  ],
];

/** Nothing of it is felt by those who behave. */
async function isUndisturbed(companion: CompanionProcess): Promise<void> {
  expect(await companion.probe('/livez')).toMatchObject({ status: 200 });
  const orders = await companion.join();
  expect(await orders.says({ ready: true })).toMatchObject({ status: 200, body: { state: 'ready' } });
  expect(await companion.probe('/readyz?container=orders')).toMatchObject({ status: 200 });
  expect(await orders.leavesClean()).toMatchObject({ body: { receipt: { verdict: 'clean' } } });
  expect(companion.stderr).toBe('');
}

async function refusals(address: Address, cases: typeof toControl): Promise<void> {
  for (const [what, bytes, status, message] of cases) {
    using wire = await Wire.open(address);
    wire.send(Buffer.from(bytes, 'latin1'));
    const refusal = refusalIn(await wire.answer());
    expect(refusal, what).toMatchObject({ status, message: expect.stringMatching(message) });
  }
}

describe.concurrent('a client without manners', () => {
  it('is told what was wrong, at the control socket', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    await refusals(companion.control, toControl);
    await isUndisturbed(companion);
  });

  it('is told what was wrong, at the port of the kubelet', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    await refusals(companion.kubelet, toKubelet);
    await isUndisturbed(companion);
    expect(await companion.state()).toMatchObject({ pod: 'running' });
  });

  it('may act for nobody without their token', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    const [orders, cart] = [await companion.join(), await companion.join({ name: 'cart' })];
    const path = `/v1/instances/${orders.id}`;
    for (const headers of [
      {},
      cart.authorization,
      { authorization: 'Bearer' },
      { authorization: `Basic ${orders.registered.token}` },
      { authorization: `Bearer ${orders.registered.token}x` },
      { authorization: `Bearer ${orders.registered.token.slice(1)}` },
    ]) {
      const refused = { status: 401, body: { error: { code: 'unauthorized' } } };
      expect(await companion.ask('GET', path, undefined, headers)).toMatchObject(refused);
      expect(await companion.ask('PATCH', path, { ready: true }, headers)).toMatchObject(refused);
      expect(await companion.ask('POST', `${path}/bye`, { report: {} }, headers)).toMatchObject(refused);
      expect(await companion.ask('GET', `${path}/stream`, undefined, headers)).toMatchObject(refused);
    }
    expect((await companion.state()).instances[0]).toMatchObject({ state: 'starting' });
    // The token is told to nobody else.
    expect(JSON.stringify(await companion.state())).not.toContain(orders.registered.token);
    await isUndisturbed(companion);
  });

  it('that sends without end is cut off, and the rest goes on', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    const orders = await companion.join();
    using chunked = await Wire.open(companion.control);
    chunked.send(
      'POST /v1/drain HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    chunked.flood(Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`));
    expect(refusalIn(await chunked.answer())).toMatchObject({ status: 413, code: 'too-large' });

    using line = await Wire.open(companion.control);
    line.send(
      `POST /v1/instances/${orders.id}/state HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${orders.registered.token}\r\n` +
        'content-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    line.flood(Buffer.from(`1000\r\n${'x'.repeat(4_096)}\r\n`));
    expect(refusalIn(await line.answer())).toMatchObject({
      status: 413,
      message: expect.stringContaining('lines'),
    });

    using probe = await Wire.open(companion.kubelet);
    probe.send('GET /livez HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
    probe.flood(Buffer.from(`1000\r\n${'x'.repeat(4_096)}\r\n`));
    await isUndisturbed(companion);
  });

  it('that takes its time is given 5 s, and no thread of ours', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    const slow: readonly (readonly [Address, string])[] = [
      [companion.control, ''],
      [companion.control, 'GET /v1/st'],
      [companion.control, post('/v1/drain', '{"reason"', { ...json, 'content-length': '100' })],
      [companion.kubelet, ''],
      [companion.kubelet, 'GET /readyz HTTP/1.1\r\nx:'],
    ];
    const wires = await Promise.all(
      slow.map(async ([address, bytes]) => {
        const wire = await Wire.open(address);
        wire.send(bytes);
        return wire;
      }),
    );
    // They hold up nobody meanwhile.
    await isUndisturbed(companion);
    for (const wire of wires) {
      expect(refusalIn(await wire.answer())).toMatchObject({ status: 408, code: 'slow' });
      wire[Symbol.dispose]();
    }
  });

  it('that does not stay to hear whether it is registered is not', async ({ expect: expectHere }) => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder, { expect: [{ name: 'orders' }] });
    for (let index = 0; index < 50; index++) {
      using wire = await Wire.open(companion.control);
      wire.send(post('/v1/instances', '{"name":"orders"}'));
    }
    const ghosts = async () =>
      (await companion.state()).instances.filter(({ state }) => state === 'starting').length;
    await expectHere.poll(ghosts).toBe(0);
    expect((await companion.state()).instances).toMatchObject([{ name: 'orders', state: 'expected' }]);
    await isUndisturbed(companion);
  });

  it('that listens twice is heard where it listened last', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    const first = await companion.join();
    await first.says({ ready: true });
    const second = await Member.listen(companion.control, first.registered);
    await first.streamEnded;
    expect((await companion.state()).instances).toMatchObject([{ state: 'ready' }]);
    await companion.ask('POST', '/v1/drain', { reason: 'operator' });
    await second.hears('drain');
    expect(first.told).toEqual(['hello']);
    second.vanishes();
    await companion.until('gone', 'orders');
    expect(folder.receipts).toMatchObject([{ exit: { how: 'eof' } }]);
  });

  it('that does not read is as good as gone', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    const { body } = await companion.ask('POST', '/v1/instances', { name: 'deaf' });
    using wire = await Wire.open(companion.control);
    wire.socket.pause();
    wire.send(
      `GET /v1/instances/${body.id} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${body.token}\r\n\r\n`.repeat(
        2_000,
      ),
    );
    await isUndisturbed(companion);
  });

  it('in numbers leaves room for the others', async ({ expect: expectHere }) => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    const registrations = await Promise.all(
      Array.from({ length: 300 }, () => companion.ask('POST', '/v1/instances', { name: 'many' })),
    );
    const count = (status: number) => registrations.filter((one) => one.status === status).length;
    expect([count(201), count(429)]).toEqual([256, 44]);
    expect(registrations.find(({ status }) => status === 429)?.body.error.message).toContain(
      'at most 256 instances',
    );

    const waits = Array.from({ length: 80 }, () =>
      companion.ask('GET', '/v1/wait?for=gone&of=many&timeoutMs=500'),
    );
    const statuses = (await Promise.all(waits)).map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([
      ...Array.from({ length: 64 }, () => 204),
      ...Array.from({ length: 16 }, () => 429),
    ]);

    const holds = Array.from({ length: 8 }, async () => {
      const wire = await Wire.open(companion.kubelet);
      wire.send('GET /hold?container=many HTTP/1.1\r\nhost: x\r\n\r\n');
      return wire;
    });
    const held = await Promise.all(holds);
    await expectHere
      .poll(async () => (await companion.state()) as unknown)
      .toMatchObject({ companion: { holds: 8 } });
    expect(await ask(companion.kubelet, { path: '/hold' })).toMatchObject({
      status: 200,
      body: { released: 'too-many' },
    });
    // Those who go let others in.
    for (const wire of held) wire[Symbol.dispose]();
    await expectHere
      .poll(async () => (await companion.state()) as unknown)
      .toMatchObject({ companion: { holds: 0 } });
    expect(await companion.probe('/livez')).toMatchObject({ status: 200 });
  });
});
