import { setTimeout as pause } from 'node:timers/promises';
import { RawClient } from '@graceful/test/websocket/raw-client.js';
import type { Surroundings } from './http.js';

/** How a client over a WebSocket behaves. */
export interface WebSocketTalker {
  /** It leaves by itself after so many messages. */
  readonly messages: number;
  /** Between an echo and the next message, in milliseconds. */
  readonly thinkMs: number;
}

const textOp = 1;

/**
 * Say something, wait until it comes back, and say the next thing. A
 * connection that ends without a close frame is lost: its client knows neither
 * that it was meant to end nor what became of its last message. After a close
 * frame (RFC 6455, 7.1.4) the client comes back, and has lost nothing.
 */
export async function talkOverWebSockets(talker: WebSocketTalker, surroundings: Surroundings): Promise<void> {
  const { address, books, over } = surroundings;
  while (!over.aborted) {
    const begunAt = performance.now();
    const client = await RawClient.open(address, { path: '/live' }).catch(() => undefined);
    if (client?.status?.includes(' 101 ')) {
      books.connected(performance.now() - begunAt);
      await talkOn(client, talker, surroundings);
    } else {
      books.lose(client ? `no WebSocket, ${client.status}` : 'no connection');
    }
    client?.destroy();
    await pause(talker.thinkMs);
  }
}

async function talkOn(
  client: RawClient,
  { messages, thinkMs }: WebSocketTalker,
  { books, over }: Surroundings,
): Promise<void> {
  // Frames of 125 bytes at most, and each message once.
  for (let message = 1; message <= messages && !over.aborted; message++) {
    const text = `message ${message}`;
    const saidAt = performance.now();
    client.say(text);
    const echoed = (): boolean =>
      client.frames.some(({ opcode, payload }) => opcode === textOp && payload.toString() === text);
    try {
      await client.until('an echo', () => echoed() || client.closeFrame !== undefined || client.ended);
    } catch {
      return books.lose('no echo in time');
    }
    if (echoed()) {
      books.answer(performance.now() - saidAt);
      client.frames.splice(
        0,
        client.frames.length,
        ...client.frames.filter(({ opcode }) => opcode !== textOp),
      );
    }
    await pause(thinkMs);
    if (client.closeFrame) {
      books.told += 1;
      return;
    }
    if (client.ended) return books.lose('cut without a close frame');
  }
  client.end();
  await client.closed();
}
