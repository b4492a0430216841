import type { Kind } from '../contestant.js';
import { openHttp1 } from './loads/http1.js';
import { openHttp2 } from './loads/http2.js';
import type { Load } from './loads/load.js';
import { openWebSockets } from './loads/web-socket.js';

/** Open so many connections, each used once, so that none is new when the counting begins. */
export function openLoad(kind: Kind, port: number, connections: number): Promise<Load> {
  if (kind === 'node:http2') return openHttp2(port, connections);
  if (kind === 'ws') return openWebSockets(port, connections);
  return openHttp1(port, connections);
}
