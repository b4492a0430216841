import { once } from 'node:events';
import { addresses, upgradeService } from '../service.js';
import { leave } from './leave.js';

/** As pm2's documentation of graceful start and shutdown has it: `ready` when it listens, and at SIGINT it finishes its work and exits. */
const { port, host, path } = addresses();
const service = upgradeService();
service.tcp.listen(port, host);
service.unix.listen(path);
await Promise.all([once(service.tcp, 'listening'), once(service.unix, 'listening')]);
process.send?.('ready');
process.on('SIGINT', () => void leave(service).then(() => process.exit(0)));
