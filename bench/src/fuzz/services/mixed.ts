import { createServer, type IncomingMessage } from 'node:http';
import { createGraceful } from '@graceful/core';
import { drainWebSockets } from '@graceful/core/websocket';
import { tell } from '@graceful/test/services/control.js';
import { listenOn } from '@graceful/test/services/listen.js';
import { readConfig, run, toOptions } from '@graceful/test/services/service.js';
import { type WebSocket, WebSocketServer } from 'ws';
import { answer } from './compat.js';

/** How often a WebSocket is told something unasked, in milliseconds. */
const everyMs = 7;
/** How long a client may take to answer its close frame, in milliseconds: less than a run's `drain.requestsMs`. */
const closeMs = 300;

/*
 * HTTP/1.1, event streams and WebSockets on one port. A WebSocket gets back
 * what it sends, and numbers besides; `?bytes=` makes those so large.
 */
const config = readConfig();
const graceful = createGraceful(toOptions(config));
const server = createServer({ keepAliveTimeout: config.keepAliveMs }, answer);
const webSockets = new WebSocketServer({ server });

webSockets.on('connection', (client: WebSocket, request: IncomingMessage) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const padding = 'x'.repeat(Number(searchParams.get('bytes') ?? 0));
  let numbers = 0;
  let messages = 0;
  const send = (text: string) => {
    // Later ones go nowhere, and nobody expects them.
    if (client.readyState !== client.OPEN) return;
    messages++;
    client.send(text);
  };
  const timer = setInterval(() => send(`number ${++numbers}${padding}`), everyMs);
  client.on('message', (data: Buffer) => send(`echo ${data.toString()}`));
  // What a client does to its own connection is none of the service's troubles.
  client.on('error', () => {});
  client.once('close', () => {
    clearInterval(timer);
    const id = searchParams.get('id');
    if (id !== null) tell({ type: 'sent', id, messages });
  });
});
drainWebSockets(graceful, webSockets, { closeMs });

await run(config, {
  graceful,
  listen: () => listenOn(config, (address) => graceful.listen(server, address)),
});
