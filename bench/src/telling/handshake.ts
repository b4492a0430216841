import type { Instance } from './balancer.js';
import { Books } from './books.js';
import { cpuMsOf, drop, startInstance } from './instance.js';
import { Line } from './line.js';
import { grace } from './run.js';

const warmUp = 300;
const count = 1_000;

async function onNewLines(instance: Instance, tls: boolean, times: number): Promise<void> {
  for (let turn = 0; turn < times; turn++) {
    const line = new Line(instance, tls, new Books());
    await line.ask();
    line.end();
  }
}

async function onOneLine(instance: Instance, tls: boolean, times: number): Promise<void> {
  const line = new Line(instance, tls, new Books());
  for (let turn = 0; turn < times; turn++) await line.ask();
  line.end();
}

/** What a new connection costs the service beside the request on it: CPU time, in milliseconds. */
export async function connectionCpuMs(tls: boolean): Promise<number> {
  const service = await startInstance({ tls }, grace);
  await onNewLines(service, tls, warmUp);
  await onOneLine(service, tls, warmUp);
  const before = await cpuMsOf(service);
  await onNewLines(service, tls, count);
  const between = await cpuMsOf(service);
  await onOneLine(service, tls, count);
  const after = await cpuMsOf(service);
  await drop(service);
  return (between - before - (after - between)) / count;
}
