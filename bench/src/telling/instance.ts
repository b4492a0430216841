import { once } from 'node:events';
import type { Grace } from '../contestant.js';
import { nextMessage, type ServiceProcess, startService } from '../service/process.js';

/** How an instance is set up; `tellMs` left out: as by default. */
export interface InstanceConfig {
  readonly tellMs?: number;
  readonly tls: boolean;
}

/** What an instance says. */
export interface FromInstance {
  readonly port?: number;
  readonly lameDuckOver?: true;
  readonly cpuMs?: number;
}

const entry = new URL('server.js', import.meta.url);

export function startInstance(config: InstanceConfig, grace: Grace): Promise<ServiceProcess> {
  return startService(entry, JSON.stringify(config), grace);
}

/** User and system CPU time that it has used so far, in milliseconds. */
export async function cpuMsOf({ child }: ServiceProcess): Promise<number> {
  child.send('cpu');
  const { cpuMs = Number.NaN } = await nextMessage<FromInstance>(child);
  return cpuMs;
}

/** Resolves when it closes its listener. */
export function stopsListening({ child }: ServiceProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('message', ({ lameDuckOver }: FromInstance) => {
      if (lameDuckOver) resolve();
    });
  });
}

/** Send SIGTERM; its exit code, or the signal that ended it. Killed when it is still there after `limitMs`. */
export async function leave({ child }: ServiceProcess, limitMs: number): Promise<string> {
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
  child.kill('SIGTERM');
  const [code, signal] = await exit;
  clearTimeout(limit);
  return String(code ?? signal);
}

/** It is needed no more, and nobody looks any more. */
export async function drop({ child }: ServiceProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
