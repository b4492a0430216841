import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';

/** HTTP/1.1 on one port and HTTP/2 on another; whether its sessions are told to leave, is said by how it is started. */
const how = process.argv[2];
const sessions = new Set();
const server = createServer((_request, response) => response.end('ok'));
const http2 = createHttp2Server((_request, response) => setTimeout(() => response.end('slow'), 500));
http2.on('session', (session) => {
  sessions.add(session);
  session.on('close', () => sessions.delete(session));
});
process.on('SIGTERM', () => {
  server.close();
  http2.close();
  for (const session of sessions) {
    if (how === 'tells') session.close();
    if (how === 'cuts') session.destroy();
  }
});
server.listen(Number(process.env.PORT), '127.0.0.1');
http2.listen(Number(process.env.HTTP2_PORT), '127.0.0.1');
