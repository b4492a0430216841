import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { drainMs } from '../plan.js';
import { addresses, upgradeService } from '../service.js';

/** Two workers; a message from outside replaces them one by one, as the documentation of `worker.disconnect()` ends one. */
const workers = 2;

async function start(): Promise<Worker> {
  const forked = cluster.fork();
  const [message] = (await once(forked, 'message')) as [string];
  if (message !== 'listening') throw new Error(`Expected a worker that listens, got ${message}`);
  return forked;
}

async function replace(old: Worker): Promise<Worker> {
  const next = await start();
  const exit = once(old, 'exit');
  old.send('shutdown');
  old.disconnect();
  const limit = setTimeout(() => old.kill('SIGKILL'), drainMs);
  await exit;
  clearTimeout(limit);
  return next;
}

async function primary(): Promise<void> {
  let current = await Promise.all(Array.from({ length: workers }, start));
  const upgrade = async (): Promise<void> => {
    const next: Worker[] = [];
    for (const old of current) next.push(await replace(old));
    current = next;
    process.send?.('upgraded');
  };
  process.on('message', () => void upgrade());
  // The run is over, or died.
  process.once('disconnect', () => {
    for (const one of current) one.process.kill('SIGKILL');
    process.exit();
  });
  process.send?.({ port: addresses().port });
}

async function serveAsWorker(): Promise<void> {
  const { port, host, path } = addresses();
  const { tcp, unix, webSockets } = upgradeService();
  tcp.listen(port, host);
  unix.listen(path);
  await Promise.all([once(tcp, 'listening'), once(unix, 'listening')]);
  process.send?.('listening');
  process.on('message', () => {
    for (const socket of webSockets.clients) socket.close(1001);
  });
}

await (cluster.isPrimary ? primary() : serveAsWorker());
