import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Load } from './load.js';

const question = JSON.stringify({ order: 42 });

async function open(port: number): Promise<WebSocket> {
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(client, 'open');
  client.send(question);
  await once(client, 'message');
  return client;
}

/** WebSockets, each of which sends a message and waits for the answer before the next. */
export async function openWebSockets(port: number, connections: number): Promise<Load> {
  const clients = await Promise.all(Array.from({ length: connections }, () => open(port)));
  return { send: (total) => send(clients, total), close: () => close(clients) };
}

async function send(clients: readonly WebSocket[], total: number): Promise<void> {
  let sent = 0;
  let answered = 0;
  const ask = (client: WebSocket): void => {
    if (sent === total) return;
    sent += 1;
    client.send(question);
  };
  await new Promise<void>((resolve, reject) => {
    for (const client of clients) {
      client.removeAllListeners();
      client.on('error', reject);
      client.on('message', () => {
        answered += 1;
        if (answered === total) resolve();
        else ask(client);
      });
      ask(client);
    }
  });
}

async function close(clients: readonly WebSocket[]): Promise<void> {
  await Promise.all(
    clients.map((client) => {
      client.removeAllListeners();
      client.close();
      return once(client, 'close');
    }),
  );
}
