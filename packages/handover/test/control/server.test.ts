import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openControl } from './support/open.js';
import { RawClient } from './support/raw-client.js';

const status = '{"v":1,"do":"status"}\n';
const upgrade = '{"v":1,"do":"upgrade"}\n';

describe('a control socket', () => {
  it('tells how things are, in one line', async () => {
    const { path, target } = await openControl();
    expect(await RawClient.ask(path, status)).toEqual([{ done: 'ok', status: target.status() }]);
  });

  it.each([
    ['upgrade', { command: ['node', 'next.js', ''], cwd: '/srv/next' }],
    ['upgrade', {}],
    ['rollback', undefined],
    ['drain', undefined],
    ['stop', undefined],
  ])('hands on "%s" %j, and tells what became of it', async (what, request) => {
    const { path, target } = await openControl();
    const answer = RawClient.ask(path, `${JSON.stringify({ v: 1, do: what, ...request })}\n`);
    const asked = await target.request();
    asked.progress.settle({ done: 'failed', code: 'exit', message: 'it exited' });
    expect(asked).toMatchObject({ what, ...(request && { request }) });
    expect(await answer).toEqual([{ done: 'failed', code: 'exit', message: 'it exited' }]);
  });

  it('tells what happens when it happens', async () => {
    const { path, target } = await openControl();
    const client = await RawClient.open(path);
    client.socket.write(upgrade);
    const { progress } = await target.request();
    progress.tell({ event: 'stage', stage: 'precheck' });
    expect(await client.line()).toEqual({ event: 'stage', stage: 'precheck' });
    progress.tell({ event: 'stage', stage: 'spawn', generation: 2 });
    expect(await client.line()).toEqual({ event: 'stage', stage: 'spawn', generation: 2 });
    progress.tell({ event: 'note', text: 'the last' });
    progress.settle({ done: 'ok' });
    expect(await client.rest()).toEqual([{ event: 'note', text: 'the last' }, { done: 'ok' }]);
    client.socket.destroy();
  });

  it('answers a request that comes byte by byte, and one that ends with the sender instead of a newline', async () => {
    const { path } = await openControl();
    const client = await RawClient.open(path);
    for (const byte of status) client.socket.write(byte);
    expect(await client.rest()).toMatchObject([{ done: 'ok' }]);
    client.socket.destroy();
    const piped = await RawClient.open(path);
    piped.socket.end(status.trim());
    expect(await piped.rest()).toMatchObject([{ done: 'ok' }]);
  });

  it('streams to a client that has closed its own side, as `nc` does', async () => {
    const { path, target } = await openControl();
    const client = await RawClient.open(path);
    client.socket.end(upgrade);
    const { progress } = await target.request();
    progress.tell({ event: 'stage', stage: 'spawn' });
    expect(await client.line()).toEqual({ event: 'stage', stage: 'spawn' });
    progress.settle({ done: 'ok' });
    expect(await client.rest()).toEqual([{ done: 'ok' }]);
  });

  it('goes on with what was asked for when the client has gone', async () => {
    const { path, target } = await openControl();
    const client = await RawClient.open(path);
    client.socket.write(upgrade);
    const { progress } = await target.request();
    client.socket.destroy();
    await once(client.socket, 'close');
    for (let count = 0; count < 10; count += 1) progress.tell({ event: 'note', text: 'nobody reads' });
    progress.settle({ done: 'ok' });
    expect(await RawClient.ask(path, status)).toMatchObject([{ done: 'ok' }]);
  });

  it('tells how things are while an upgrade is under way, and hands a second one on to be refused', async () => {
    const { path, target } = await openControl();
    const first = RawClient.ask(path, upgrade);
    const second = target.request().then(() => RawClient.ask(path, upgrade));
    (await target.request(1)).progress.settle({ done: 'refused', code: 'busy', message: 'one at a time' });
    expect(await second).toEqual([{ done: 'refused', code: 'busy', message: 'one at a time' }]);
    expect(await RawClient.ask(path, status)).toMatchObject([{ done: 'ok' }]);
    (await target.request(0)).progress.settle({ done: 'ok' });
    expect(await first).toEqual([{ done: 'ok' }]);
  });

  it('outlives a defect in what it controls', async () => {
    const { path, target } = await openControl();
    target.rollback = () => {
      throw new Error('a defect');
    };
    expect(await RawClient.ask(path, '{"v":1,"do":"rollback"}\n')).toEqual([
      { done: 'failed', code: 'internal', message: 'Error: a defect' },
    ]);
    const answer = RawClient.ask(path, upgrade);
    (await target.request()).progress.lose(new Error('another'));
    expect(await answer).toMatchObject([{ done: 'failed', code: 'internal' }]);
    expect(await RawClient.ask(path, status)).toMatchObject([{ done: 'ok' }]);
  });
});

describe('a hostile client', () => {
  it('that sends far too much is told so, while it still sends', async () => {
    const { path, target } = await openControl();
    expect(await RawClient.ask(path, Buffer.alloc(10_000_000, 'a'))).toMatchObject([
      { done: 'refused', code: 'oversized', message: 'Expected a request of at most 65536 bytes, got more.' },
    ]);
    expect(target.asked).toEqual([]);
    expect(await RawClient.ask(path, status)).toMatchObject([{ done: 'ok' }]);
  });

  it('that sends a second request with the first gets one answer', async () => {
    const { path, target } = await openControl();
    expect(await RawClient.ask(path, status + upgrade)).toHaveLength(1);
    expect(target.asked).toEqual([]);
  });

  it('that is slow is told so', async () => {
    const { path } = await openControl({ clientMs: 30 });
    expect(await RawClient.ask(path, '{"v":1')).toEqual([
      {
        done: 'refused',
        code: 'slow',
        message: 'Expected a request within 30 ms, got none that was whole.',
      },
    ]);
  });

  it('that neither reads nor closes is cut after a while', async () => {
    const { path } = await openControl({ clientMs: 30 });
    const client = await RawClient.open(path);
    const closed = new Promise<void>((resolve) => client.socket.once('close', () => resolve()));
    client.socket.write(status);
    expect(await client.rest()).toMatchObject([{ done: 'ok' }]);
    // Its own side stays open; only the other end can end it, and a write then fails.
    const poke = setInterval(() => client.socket.write('x'), 5);
    await closed;
    clearInterval(poke);
  });

  it('that asks and does not read is cut before it costs much memory, and disturbs nothing', async () => {
    const { path, target } = await openControl();
    const client = await RawClient.open(path);
    client.socket.pause();
    client.socket.write(upgrade);
    const { progress } = await target.request();
    const text = 'x'.repeat(10_000);
    for (let count = 0; count < 1_000; count += 1) progress.tell({ event: 'note', text });
    progress.settle({ done: 'ok' });
    expect(await RawClient.ask(path, status)).toMatchObject([{ done: 'ok' }]);
    client.socket.resume();
    const lines = await client.rest();
    expect(lines.length).toBeLessThan(1_000);
    expect(lines).not.toContainEqual({ done: 'ok' });
    client.socket.destroy();
  });

  it('that brings many others is told that there are too many, and those with a request go on', async () => {
    const { path, target } = await openControl();
    const working = await RawClient.open(path);
    working.socket.write(upgrade);
    const { progress } = await target.request();
    const silent: RawClient[] = [];
    for (let count = 0; count < 31; count += 1) silent.push(await RawClient.open(path));
    expect(await RawClient.ask(path, status)).toMatchObject([{ done: 'refused', code: 'busy' }]);
    progress.settle({ done: 'ok' });
    expect(await working.rest()).toEqual([{ done: 'ok' }]);
    for (const { socket } of [working, ...silent]) socket.destroy();
    // When those have gone, there is room again.
    let answer: unknown[];
    do answer = await RawClient.ask(path, status);
    while ((answer[0] as { code?: string }).code === 'busy');
    expect(answer).toMatchObject([{ done: 'ok' }]);
  });
});

describe('an option', () => {
  it.each([-1, Number.NaN, '5s' as never])(
    'that is wrong, such as clientMs %j, is told of at once',
    async (clientMs) => {
      await expect(openControl({ clientMs })).rejects.toMatchObject({
        code: 'ERR_HANDOVER_OPTION',
        message: expect.stringContaining('Expected `clientMs` to be a number of milliseconds'),
      });
    },
  );
});

describe('closing', () => {
  it('takes the path away, cuts whoever has asked nothing, and finishes the answers under way', async () => {
    const { server, path, target } = await openControl();
    const silent = await RawClient.open(path);
    const asking = RawClient.ask(path, '{"v":1,"do":"stop"}\n');
    const { progress } = await target.request();
    const closed = server.close();
    expect(existsSync(path)).toBe(false);
    expect(await silent.rest()).toEqual([]);
    progress.settle({ done: 'ok' });
    expect(await asking).toEqual([{ done: 'ok' }]);
    silent.socket.destroy();
    await closed;
    await server.close();
  });

  it('does not wait for ever for what nobody settles', async () => {
    const { server, path, target } = await openControl({ clientMs: 30 });
    const asking = RawClient.ask(path, upgrade);
    await target.request();
    await server.close();
    expect(await asking).toEqual([]);
  });
});
