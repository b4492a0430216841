/** For a service that another process forked, such as the demo or a test; without an IPC channel nothing happens. */

import type { Server } from 'node:net';

export interface Listening {
  readonly type: 'listening';
  readonly port: number;
}

/** Tell it where the service listens: with PORT=0 nobody else knows. */
export function tellParent(server: Server): void {
  const address = server.address();
  if (!process.connected || address === null || typeof address === 'string') return;
  process.send?.({ type: 'listening', port: address.port } satisfies Listening);
}

/** Shut down when it is gone, for nobody else would. */
export function leaveWithParent(graceful: { shutdown(reason: string): Promise<unknown> }): void {
  process.once('disconnect', () => void graceful.shutdown('parent gone'));
  // Listening to the channel does not keep the service alive.
  process.channel?.unref();
}
