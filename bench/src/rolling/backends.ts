import type { ShutdownReport } from '@graceful/core';
import { within } from '@graceful/conformance/client';
import type { Haproxy } from '@graceful/test/proxies/haproxy.js';
import { type Exit, stop } from '../drain/departure.js';
import { nextMessage, type ServiceProcess, startServer } from '../service/process.js';

const entry = new URL('server.js', import.meta.url);
/** Far more than a departure may take; who needs longer is killed, and that is seen. */
const limitMs = 60_000;

/** How one backend left, and how long it took until the next one served in its place; in milliseconds since SIGTERM. */
export interface Replacement {
  readonly report: ShutdownReport;
  readonly exit: Exit['how'];
  /** The proxy had taken it out. */
  readonly outMs: number;
  /** Its process had ended. */
  readonly goneMs: number;
  /** The proxy sent to the new one. */
  readonly backMs: number;
}

export function startBackend(port: number, delayMs: number): Promise<ServiceProcess> {
  return startServer(entry, [String(port), String(delayMs)]);
}

/**
 * SIGTERM to `old`; the proxy's own check takes it out; when it has ended, a
 * new process starts on its port, and the check puts that back. Nobody tells
 * the proxy anything.
 */
export async function replaceBackend(
  haproxy: Haproxy,
  name: string,
  old: ServiceProcess,
  delayMs: number,
): Promise<{ readonly next: ServiceProcess; readonly replacement: Replacement }> {
  const begin = performance.now();
  // On a machine that stands still for a while it may be out already.
  const out = haproxy.says(name, 'DOWN', haproxy.lastSaid(name, 'UP')).then(() => performance.now() - begin);
  const [report, exit, outMs] = await Promise.all([
    nextMessage<ShutdownReport>(old.child),
    stop(old, limitMs),
    within(limitMs, `${name} to be taken out`, out),
  ]);
  const sofar = haproxy.log.length;
  const next = await startBackend(old.port, delayMs);
  await within(limitMs, `${name} to be put back`, haproxy.says(name, 'UP', sofar));
  const backMs = performance.now() - begin;
  return { next, replacement: { report, exit: exit.how, outMs, goneMs: exit.at - begin, backMs } };
}
