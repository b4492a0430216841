import type { Server } from 'node:net';

/** What is still to be done when the process ends before the listener does. */
const pending = new Set<() => void>();

interface Handle {
  close(...args: unknown[]): void;
}

function doAll(): void {
  for (const last of pending) last();
}

/**
 * Do `last` right before the listener of `server` closes, whoever closes it,
 * or the process exits. `close` of the server would come too late: when its
 * last connection has ended.
 */
export function beforeListenerEnds(server: Server, last: () => void): void {
  // No public way leads to it.
  const { _handle: handle } = server as unknown as { _handle: Handle | null };
  if (!handle) {
    last();
    return;
  }
  const { close } = handle;
  const once = () => {
    pending.delete(once);
    if (pending.size === 0) process.off('exit', doAll);
    last();
  };
  handle.close = (...args) => {
    if (pending.has(once)) once();
    close.apply(handle, args);
  };
  if (pending.size === 0) process.on('exit', doAll);
  pending.add(once);
}
