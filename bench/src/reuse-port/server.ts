import { readSync } from 'node:fs';
import { createServer } from 'node:http';
import { type ListenOptions, Server } from 'node:net';

/*
 * One of two processes on a port. Over IPC: `block` keeps it busy until a byte
 * comes on its standard input, `leave` does not; then it closes its listener,
 * in the same turn, and goes when it has answered all that it had accepted.
 */
const [way, port] = process.argv.slice(2);

const server = createServer((_request, response) => {
  // By the socket's end the client has all of it, and the process can go.
  response.setHeader('connection', 'close').end('ok');
});

function leave(): void {
  // Not http's own close(): from Node 26 on it also cuts what it has accepted and not read yet.
  Server.prototype.close.call(server);
  process.disconnect();
}

process.on('message', (message) => {
  if (message === 'block') {
    process.send?.('blocked', () => {
      readSync(0, Buffer.alloc(1));
      leave();
    });
  } else {
    leave();
  }
});

server.on('listening', () => process.send?.({ node: process.versions.node }));
if (way === 'shared') {
  server.listen({ fd: 3 });
} else {
  // Not in the types of the oldest Node here.
  const options: ListenOptions & { readonly reusePort: true } = {
    port: Number(port),
    host: '127.0.0.1',
    reusePort: true,
  };
  server.listen(options);
}
