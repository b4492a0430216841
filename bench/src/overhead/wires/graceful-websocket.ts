import { createGraceful } from '@graceful/core';
import { drainWebSockets } from '@graceful/core/websocket';
import type { Contestant } from '../../contestant.js';
import { portOf } from '../../service/listen.js';
import { webSocketService } from './web-socket-service.js';

export default {
  name: '@graceful/core/websocket',
  role: 'ours',
  kind: 'ws',
  tracks: { connections: true, requests: true },
  packages: ['@graceful/core', 'ws'],
  setup: '`listen` and `drainWebSockets`, probes and log on as by default',
  async start() {
    const graceful = createGraceful();
    const { server, sockets } = webSocketService();
    drainWebSockets(graceful, sockets);
    return portOf(await graceful.listen(server, { port: 0, host: '127.0.0.1' }));
  },
} satisfies Contestant as Contestant;
