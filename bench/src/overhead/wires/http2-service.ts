import { createServer, type Http2Server } from 'node:http2';
import { order } from '../../service/orders.js';

/** The small answer of the other services, over HTTP/2 in the clear. */
export function http2Service(): Http2Server {
  return createServer((_request, response) => {
    const json = JSON.stringify(order);
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.setHeader('content-length', Buffer.byteLength(json));
    response.end(json);
  });
}
