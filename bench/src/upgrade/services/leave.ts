import { once } from 'node:events';
import type { UpgradeService } from '../service.js';

/** What any Node service can do without a library: close its servers, and end its WebSockets with 1001. */
export async function leave({ tcp, unix, webSockets }: UpgradeService): Promise<void> {
  for (const socket of webSockets.clients) socket.close(1001);
  await Promise.all(
    [tcp, unix].map(async (server) => {
      server.close();
      await once(server, 'close');
    }),
  );
}
