import type { Server } from 'node:http';
import type { WebSocketServer } from 'ws';
import { nodeHttpService } from '../service/node-http.js';
import { openWebSockets } from '../service/web-sockets.js';

/** The service that all of Node's contestants serve: once over TCP, with WebSockets that echo, and once over a Unix socket. */
export interface UpgradeService {
  readonly tcp: Server;
  readonly unix: Server;
  readonly webSockets: WebSocketServer;
}

export function upgradeService(): UpgradeService {
  const tcp = nodeHttpService();
  const webSockets = openWebSockets(tcp);
  webSockets.on('connection', (socket) => {
    socket.on('message', (message: Buffer, binary) => socket.send(message, { binary }));
  });
  return { tcp, unix: nodeHttpService(), webSockets };
}

/** Where it is to listen, told by the environment. */
export function addresses(): { readonly port: number; readonly host: string; readonly path: string } {
  const { BENCH_PORT: port, BENCH_UNIX: path } = process.env;
  if (port === undefined || path === undefined) throw new Error('Expected BENCH_PORT and BENCH_UNIX.');
  return { port: Number(port), host: '127.0.0.1', path };
}

/** The environment that says so. */
export function environment(port: number, path: string): NodeJS.ProcessEnv {
  return { BENCH_PORT: String(port), BENCH_UNIX: path, NODE_ENV: 'production' };
}
