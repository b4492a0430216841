import { describe, expect, it } from 'vitest';
import { type Address, Relay, straight } from '@graceful/conformance/client';
import { IoClient } from './src/websocket/io-client.js';
import { SocketService } from './src/websocket/socket-service.js';
import { Trial } from './src/websocket/trial.js';
import { type SocketServiceConfig, untilTold } from './src/websocket/protocol.js';

const drain = { delayMs: 0, requestsMs: 20_000, idleMs: 0 };
/** A client of ours may be slow to answer, as the machine may be busy. */
const closeMs = 10_000;
const clean = { verdict: 'clean', exitCode: 0, errors: [], heldBy: [] };

/** Two services behind a balancer that sends new connections to the first until it is told otherwise. */
async function twoServices(
  onTestFinished: (end: () => Promise<void>) => void,
  config: Omit<SocketServiceConfig, 'stack'>,
) {
  const trial = await Trial.start(onTestFinished, { ...config, stack: 'socket.io' });
  const first = trial.service;
  const second = await SocketService.start({ drain, stack: 'socket.io' });
  onTestFinished(() => second[Symbol.asyncDispose]());
  let current = first;
  const behind: Address = {
    host: '127.0.0.1',
    tls: false,
    get port() {
      return current.address.port;
    },
  };
  const relay = await Relay.to(() => behind, straight, straight);
  onTestFinished(async () => relay[Symbol.dispose]());
  return {
    first,
    second,
    switchOver: () => {
      current = second;
    },
    client: async (transport: 'websocket' | 'polling') =>
      trial.keep(await IoClient.open(relay.address, transport)),
  };
}

/** Between two polls a client cannot be told anything, and nothing can be sent to it. */
async function untilOnePolls(service: SocketService): Promise<void> {
  for (let looks = 0; looks < 10_000; looks++) if ((await service.connections()).active === 1) return;
  throw new Error('Expected a poll that waits for its answer.');
}

describe.concurrent('clients of socket.io', () => {
  it('get a close frame, and connect to another server by themselves', async ({ onTestFinished }) => {
    const { first, second, switchOver, client } = await twoServices(onTestFinished, {
      drain: untilTold,
      close: { spreadMs: 100, closeMs },
    });
    const clients = [await client('websocket'), await client('websocket')];

    first.terminate();
    await first.state('lame-duck');
    switchOver();
    for (const each of clients) {
      expect(await each.ask('still here?')).toBe('echo still here?');
      expect(each.losses).toEqual([]);
    }
    await first.send(['in the lame-duck']);
    first.tell({ type: 'drain' });
    for (const each of clients) {
      expect(await each.lost()).toEqual({ reason: 'transport close', code: 1001 });
      expect(each.messages).toEqual(['in the lame-duck']);
      await each.connected(2);
      expect(await each.ask('there?')).toBe('echo there?');
    }
    await second.connected(2);

    expect(await first.exit(), first.stderr).toBe(0);
    expect(first.report).toMatchObject({ ...clean, connections: { told: 2, client: 0, forced: 0 } });
    expect(first.report.drainables).toContainEqual(
      expect.objectContaining({ name: 'socket.io', dropped: 0 }),
    );
  });

  it('get all that was sent before, however slowly they read', async ({ onTestFinished }) => {
    const { first, switchOver, client } = await twoServices(onTestFinished, {
      drain,
      close: { spreadMs: 0, closeMs },
    });
    const [slow, quick] = [await client('websocket'), await client('websocket')];
    slow.pause();
    const fillerBytes = 10_000_000;
    await first.send(['a word'], fillerBytes);
    // Now the transport takes nothing more, and the engine keeps it back.
    await first.send(['the last word']);

    first.terminate();
    switchOver();
    // Told after the slow one.
    await quick.lost();
    expect(slow.messages).toEqual([]);
    slow.resume();

    expect(await slow.lost()).toEqual({ reason: 'transport close', code: 1001 });
    expect(slow.messages).toEqual([`${fillerBytes} bytes`, 'a word', 'the last word']);
    await slow.connected(2);
    expect(await first.exit(), first.stderr).toBe(0);
    expect(first.report).toMatchObject({ ...clean, connections: { forced: 0 } });
  });

  it('that poll are told in the answer to a poll, and connect to another server', async ({
    onTestFinished,
  }) => {
    const { first, second, switchOver, client } = await twoServices(onTestFinished, {
      drain: untilTold,
      close: { spreadMs: 100, closeMs },
    });
    const polling = await client('polling');

    first.terminate();
    await first.state('lame-duck');
    expect(await polling.ask('still here?')).toBe('echo still here?');
    await untilOnePolls(first);
    first.tell({ type: 'drain' });
    await first.state('draining');
    switchOver();

    expect(await polling.lost()).toMatchObject({ reason: 'transport close' });
    await polling.connected(2);
    expect(await polling.ask('there?')).toBe('echo there?');
    await second.connected(1);
    expect(await first.exit(), first.stderr).toBe(0);
    expect(first.report).toMatchObject({ ...clean, requests: { dropped: 0 }, connections: { forced: 0 } });
  });

  it('that poll get a message before their turn, and then connect to another server', async ({
    onTestFinished,
  }) => {
    const { first, switchOver, client } = await twoServices(onTestFinished, {
      drain,
      close: { spreadMs: 10_000, closeMs },
    });
    const quick = await client('websocket');
    const polling = await client('polling');
    await untilOnePolls(first);

    first.terminate();
    // The first turn; the second would come five seconds later.
    await quick.lost();
    switchOver();
    expect(polling.losses).toEqual([]);
    await first.send(['the last word']);

    await polling.lost();
    expect(polling.messages).toEqual(['the last word']);
    await polling.connected(2);
    expect(await first.exit(), first.stderr).toBe(0);
    expect(first.report).toMatchObject(clean);
    expect(first.report.durationMs, 'the span was not waited for').toBeLessThan(4_000);
  });
});
