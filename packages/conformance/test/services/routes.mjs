import { createHash } from 'node:crypto';

const openStreams = new Set();
const openSockets = new Set();
const closeFrame = Buffer.from([0x88, 2, 1001 >> 8, 1001 & 0xff]);

/** Accept a WebSocket, and say nothing on it until the end. */
export function upgrade(request, socket) {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  openSockets.add(socket);
  socket.on('error', () => {}).on('close', () => openSockets.delete(socket));
}

/** What a service has to do itself: end what goes on for ever. */
export function endStreams() {
  for (const response of openStreams) response.end();
  for (const socket of openSockets) socket.end(closeFrame);
}

/** What the services of these tests answer, whatever stops them. */
export function handle(request, response) {
  const { pathname } = new URL(request.url, 'http://localhost');
  switch (pathname) {
    case '/':
      return void response.end('ok');
    case '/slow':
      return void setTimeout(() => response.end('slow'), 800);
    case '/large':
      return void response.end(Buffer.alloc(30_000_000, 'large '));
    case '/upload': {
      let bytes = 0;
      request.on('data', (chunk) => (bytes += chunk.length));
      return void request.on('end', () => response.end(String(bytes)));
    }
    case '/stream': {
      let parts = 0;
      const timer = setInterval(() => {
        response.write(`part ${parts++}\n`);
        if (parts < 8) return;
        clearInterval(timer);
        response.end();
      }, 100);
      return void response.on('close', () => clearInterval(timer));
    }
    case '/events': {
      response.setHeader('Content-Type', 'text/event-stream');
      response.write('data: hello\n\n');
      openStreams.add(response);
      return void response.on('close', () => openStreams.delete(response));
    }
    case '/endless':
      return;
    default:
      response.statusCode = 404;
      return void response.end('not found');
  }
}
