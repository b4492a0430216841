import { createServer } from 'node:net';
import type { ServiceConfig } from '../harness/protocol.js';

/** Something that the service forgot, and that keeps its event loop alive. */
export function leaveBehind(what: NonNullable<ServiceConfig['leaves']>): void {
  switch (what) {
    case 'timer':
      setInterval(() => {}, 60_000);
      return;
    case 'listener':
      createServer().listen(0, '127.0.0.1');
  }
}
