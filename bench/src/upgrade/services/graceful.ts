import { createGraceful, type Graceful } from '@graceful/core';
import { drainWebSockets } from '@graceful/core/websocket';
import { drainMs } from '../plan.js';
import { addresses, upgradeService } from '../service.js';

/** The service with graceful; `before` is done with it before it listens. */
export async function serveGracefully(before: (graceful: Graceful) => void = () => {}): Promise<void> {
  const { port, host, path } = addresses();
  const { tcp, unix, webSockets } = upgradeService();
  const graceful = createGraceful({ drain: { requestsMs: drainMs }, logger: false });
  drainWebSockets(graceful, webSockets);
  before(graceful);
  await graceful.listen(tcp, { port, host, name: 'http' });
  await graceful.listen(unix, { path, name: 'unix' });
}
