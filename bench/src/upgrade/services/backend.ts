import { portOf } from '../../service/listen.js';
import { upgradeService } from '../service.js';

/** What stands behind the proxies, and is never replaced. It keeps a connection for as long as they like. */
const { tcp } = upgradeService();
tcp.keepAliveTimeout = 600_000;
tcp.listen(0, '127.0.0.1', () => process.send?.({ port: portOf(tcp) }));
// The run is over, or died.
process.once('disconnect', () => process.exit());
