/**
 * The process that keeps the embedded PostgreSQL: it starts it, says so, and
 * takes it away when its parent is gone, however the parent ended. The IPC
 * channel is the lifeline, for the kernel closes it even after a SIGKILL.
 */
import { type Cluster, createCluster } from './cluster.js';

export type KeeperMessage =
  | { readonly type: 'ready'; readonly url: string; readonly folder: string; readonly pid: number }
  | { readonly type: 'failed'; readonly message: string };

const parentGone = new Promise<'parent gone'>((resolve) => {
  process.once('disconnect', () => resolve('parent gone'));
});
// A Ctrl-C is for the service, which needs its database until it has drained.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

try {
  const cluster = await createCluster();
  tell({ type: 'ready', url: cluster.url, folder: cluster.folder, pid: cluster.server.pid ?? 0 });
  const why = await Promise.race([parentGone, ended(cluster)]);
  await cluster.remove();
  process.exit(why === 'parent gone' ? 0 : 1);
} catch (error) {
  tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
  process.disconnect?.();
}

function tell(message: KeeperMessage): void {
  if (process.connected) process.send?.(message);
}

function ended(cluster: Cluster): Promise<'ended by itself'> {
  return new Promise((resolve) => cluster.server.once('exit', () => resolve('ended by itself')));
}
