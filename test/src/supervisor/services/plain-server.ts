import { createServer } from 'node:http';
import { Server } from 'node:net';

/** A server that knows nothing of graceful, but that a socket may be there already. It says to nobody that it serves. */
const { version, neverListens } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly version: string;
  readonly neverListens?: boolean;
};
const server = createServer((_request, response) => {
  response.setHeader('connection', 'close');
  response.end(JSON.stringify({ version, pid: process.pid }));
});

if (neverListens) setInterval(() => {}, 60_000);
else server.listen({ fd: 3 });
// That of node:http would cut whoever has just connected (Node 26).
process.on('SIGTERM', () => Server.prototype.close.call(server, () => process.exit(0)));
