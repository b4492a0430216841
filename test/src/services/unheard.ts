import { createServer } from 'node:http';
import { createGraceful } from '@graceful/core';

/**
 * A service that writes its own log to standard error when it is told to,
 * without listening for that stream's errors. It has to wait for its lame-duck,
 * so it leaves only if the event loop turns.
 */
const graceful = createGraceful({ drain: { delayMs: 50 }, logger: false });
await graceful.listen(createServer(), { port: 0, host: '127.0.0.1' });
process.on('message', () => process.stderr.write('nobody reads this\n'));
process.send?.('listening');
