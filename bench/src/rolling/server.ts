import { createGraceful } from '@graceful/core';
import { nodeHttpService } from '../service/node-http.js';

/** One backend: listens on the port it is told, and hands its report over before it goes. */
const [port = '', delayMs = ''] = process.argv.slice(2);
const graceful = createGraceful({ drain: { delayMs: Number(delayMs) } });
graceful.on('report', (report) => process.send?.(report));
await graceful.listen(nodeHttpService(), { port: Number(port), host: '127.0.0.1' });
process.send?.({ port: Number(port) });
// Who reads the report must not keep the process alive.
process.channel?.unref();
