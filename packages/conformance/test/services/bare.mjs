import { createServer } from 'node:http';
import { handle, upgrade } from './routes.mjs';

/** What most services do at SIGTERM, without any library. */
const server = createServer(handle).on('upgrade', upgrade);
process.on('SIGTERM', () => server.close());
server.listen(Number(process.env.PORT), '127.0.0.1');
