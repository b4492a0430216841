import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGraceful } from '@graceful/core';
import { drainSocketIo } from '@graceful/core/websocket';
import { Server } from 'socket.io';
import { obey, readConfig, tell } from './control.js';

const config = readConfig();
const graceful = createGraceful({ drain: config.drain });
const server = createServer();
const io = new Server(server);
io.on('connection', (socket) => {
  socket.on('ask', (question: string, answer: (text: string) => void) => answer(`echo ${question}`));
  tell({ type: 'connected', clients: io.engine.clientsCount });
});
drainSocketIo(graceful, io, config.close);
await graceful.listen(server, { port: 0, host: '127.0.0.1' });
obey(graceful, (messages) => {
  for (const message of messages) io.emit('message', message);
});
tell({ type: 'listening', port: (server.address() as AddressInfo).port });
