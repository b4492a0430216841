import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { obey, tell } from './control.js';
import { handler } from './handler.js';
import { listenOn } from './listen.js';
import { readConfig } from './service.js';

/** What most services do at SIGTERM, without any library: the suite must see what that costs. */
const config = readConfig();
const servers: Server[] = [];

process.once('SIGTERM', () => {
  tell({ type: 'state', state: 'lame-duck', previous: 'ready' });
  for (const server of servers) server.close(() => process.exit(0));
  tell({ type: 'state', state: 'draining', previous: 'lame-duck' });
});

obey({ listen: () => {}, ready: () => {} });
tell({ type: 'loaded' });
const { ports } = await listenOn(config, async (address) => {
  const server = createServer({ keepAliveTimeout: config.keepAliveMs }, handler);
  servers.push(server);
  await once(server.listen(address), 'listening');
  return server;
});
tell({ type: 'ready', ports });
