import http from 'node:http';
import { createGraceful } from '@graceful/core';
import { drainWebSockets } from '@graceful/core/websocket';
import { WebSocketServer } from 'ws';

const graceful = createGraceful();
const server = http.createServer((_request, response) => response.end('connect a WebSocket\n'));
const webSockets = new WebSocketServer({ server });

webSockets.on('connection', (client) => {
  client.on('error', () => client.terminate());
  client.on('message', (data: Buffer) => client.send(`process ${process.pid} heard ${data.toString()}`));
});

drainWebSockets(graceful, webSockets, { reason: 'a new version takes over' });
await graceful.listen(server, { port: Number(process.env['PORT'] || 3_000) });
