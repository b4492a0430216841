import { createServer, type Server } from 'node:http';
import { WebSocketServer } from 'ws';
import { order } from '../../service/orders.js';

/** Answers each message with the small answer of the other services. */
export function webSocketService(): { readonly server: Server; readonly sockets: WebSocketServer } {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('message', () => socket.send(JSON.stringify(order)));
  });
  return { server, sockets };
}
