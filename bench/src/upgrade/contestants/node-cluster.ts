import { once } from 'node:events';
import { freePort, within } from '@graceful/conformance/client';
import { nextMessage, startProgram } from '../../service/process.js';
import { type Contestant, loopback, unixSocket } from '../contestant.js';
import { costOf } from '../processes.js';
import { environment } from '../service.js';

const entry = new URL('../services/cluster.js', import.meta.url);
const limitMs = 60_000;

export const nodeCluster: Contestant = {
  id: 'cluster',
  name: "Node's `cluster`, one by one",
  role: 'other',
  setup:
    'two workers; a new one is forked, and when it listens an old one gets `worker.disconnect()` and a message at which it ' +
    'ends its WebSockets with 1001, as the documentation of `disconnect()` shows; killed after the limit',
  async version() {
    return `Node.js ${process.versions.node}`;
  },
  async start(folder) {
    const port = await freePort();
    const path = `${folder}/service.sock`;
    const child = startProgram(entry, [], { env: environment(port, path) });
    await nextMessage(child);
    return {
      tcp: loopback(port),
      unix: unixSocket(path),
      watcher: () => costOf(child.pid as number),
      async upgrade() {
        const upgraded = nextMessage(child);
        child.send('upgrade');
        await within(limitMs, 'all workers to be replaced', upgraded);
      },
      async stop() {
        const exit = once(child, 'exit');
        // It kills its workers, and goes.
        child.disconnect();
        await exit;
      },
    };
  },
};
