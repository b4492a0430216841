import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import fastifyWebSocket from '@fastify/websocket';
import { createGraceful, type Graceful } from '@graceful/core';
import { createGraceful as createForExpress } from '@graceful/express';
import { gracefulPlugin } from '@graceful/fastify';
import { drainWebSockets } from '@graceful/core/websocket';
import express from 'express';
import fastify from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import { certificate } from '../services/certificate.js';
import { obey, readConfig, released, tell } from './control.js';

const config = readConfig();
const options = { drain: config.drain };
const address = { port: 0, host: '127.0.0.1' };

function onConnection(this: WebSocketServer, client: WebSocket): void {
  client.on('message', (data: Buffer) => {
    tell({ type: 'heard', text: data.toString() });
    client.send(`echo ${data.toString()}`);
  });
  // What a client does to its own connection is none of the service's troubles.
  client.on('error', () => {});
  tell({ type: 'connected', clients: this.clients.size });
}

function handle(path: string | undefined, answer: (body: string) => void): void {
  if (path === '/held') void released(path).then(() => answer('answered'));
  else answer('hello');
}

/** Another protocol than WebSocket: whatever comes is sent back. */
function echo(socket: Duplex, head: string): void {
  socket.write(head);
  socket.on('error', () => {});
  socket.pipe(socket);
}

function upgrade(wss: WebSocketServer, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  if (request.headers.upgrade === 'echo') {
    return echo(socket, 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
  }
  const finish = () =>
    wss.handleUpgrade(request, socket, head, (client) => wss.emit('connection', client, request));
  // As with an authentication that takes its time.
  if (request.url === '/held') void released(request.url).then(finish);
  else finish();
}

/** A server of `node:http`, with a `WebSocketServer` that knows of no server. */
function standAlone(server: Server): { server: Server; wss: WebSocketServer } {
  const wss = new WebSocketServer({ noServer: true, perMessageDeflate: config.deflate ?? false });
  server.on('upgrade', (request, socket, head) => upgrade(wss, request, socket, head));
  server.on('connect', (_, socket) => echo(socket, 'HTTP/1.1 200 Connection established\r\n\r\n'));
  return { server, wss };
}

async function start(): Promise<{ graceful: Graceful; server: Server; wss: WebSocketServer }> {
  switch (config.stack) {
    case 'http':
    case 'https': {
      const listener = (request: IncomingMessage, response: { end(body: string): unknown }) =>
        handle(request.url, (body) => response.end(body));
      const made = config.stack === 'http' ? createServer(listener) : createTlsServer(certificate, listener);
      const graceful = createGraceful(options);
      const { server, wss } = standAlone(made);
      drainWebSockets(graceful, wss, config.close);
      await graceful.listen(server, address);
      return { graceful, server, wss };
    }
    case 'express': {
      const graceful = createForExpress(options);
      const app = express();
      app.use(graceful.middleware());
      app.use((request, response) => handle(request.path, (body) => void response.send(body)));
      const server = await graceful.listen(app, address);
      const wss = new WebSocketServer({ server });
      drainWebSockets(graceful, wss, config.close);
      return { graceful, server, wss };
    }
    case 'fastify': {
      const app = fastify();
      await app.register(gracefulPlugin, options);
      app.get('*', (request, reply) => handle(request.url, (body) => void reply.send(body)));
      const wss = new WebSocketServer({ server: app.server });
      drainWebSockets(app.graceful, wss, config.close);
      await app.listen(address);
      return { graceful: app.graceful, server: app.server, wss };
    }
    case 'fastify-websocket': {
      const app = fastify();
      await app.register(gracefulPlugin, options);
      await app.register(fastifyWebSocket);
      const wss = app.websocketServer;
      await app.register(async (scope) => {
        scope.get('/', { websocket: true }, () => {});
        scope.get('/held', (request, reply) => handle(request.url, (body) => void reply.send(body)));
      });
      drainWebSockets(app.graceful, wss, config.close);
      await app.listen(address);
      return { graceful: app.graceful, server: app.server, wss };
    }
    case 'socket.io':
      throw new Error('That is another program.');
  }
}

const { graceful, server, wss } = await start();
wss.on('connection', onConnection);
obey(graceful, (messages) => {
  for (const client of wss.clients) for (const message of messages) client.send(message);
});
tell({ type: 'listening', port: (server.address() as AddressInfo).port });
