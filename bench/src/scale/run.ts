import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Grace } from '../contestant.js';
import { nextMessage, startProgram } from '../service/process.js';
import type { Crowd, CrowdEnd } from './clients.js';
import type { LoopFigures, MemoryFigures, Question } from './server.js';

/** How a service is set up, and who is there when it is told to leave. */
export interface Arm {
  readonly idle: number;
  readonly active: number;
  /** Over how long after the signal the active requests are answered, in milliseconds. */
  readonly overMs: number;
  /** How long the server promises to keep an idle connection, in milliseconds. */
  readonly keepAliveMs: number;
  readonly grace: Grace;
}

/** How one departure went. */
export interface Departure extends LoopFigures {
  readonly lost: number;
  /** Exit code or signal; `never`: it had to be killed. */
  readonly exit: string;
}

const serverEntry = new URL('server.js', import.meta.url);
const clientsEntry = new URL('clients.js', import.meta.url);

/** How long a service is watched before the signal, for the monitor to have begun, in milliseconds. */
const leadMs = 300;

/**
 * With `BENCH_REALTIME=1`, on a machine that others use: nothing comes before
 * the service, so that a stall is its own, and little before its clients.
 * Wants Linux, `chrt`, and the right to use it.
 */
const realtime = process.env['BENCH_REALTIME'] !== undefined;

function prefer({ pid = 0 }: ChildProcess, who: 'service' | 'clients'): void {
  if (who === 'clients') setPriority(pid, realtime ? -15 : 10);
  else if (realtime) execFileSync('chrt', ['--all-tasks', '--fifo', '--pid', '10', String(pid)]);
}

interface Scene {
  readonly service: ChildProcess;
  readonly clients: ChildProcess | undefined;
}

async function open(id: string, arm: Arm, execArgv: string[] = []): Promise<Scene> {
  const service = startProgram(serverEntry, [id, JSON.stringify(arm.grace)], {
    env: { BENCH_KEEP_ALIVE_MS: String(arm.keepAliveMs) },
    execArgv,
  });
  const { port } = await nextMessage<{ port: number }>(service);
  prefer(service, 'service');
  const { idle, active, overMs } = arm;
  if (idle + active === 0) return { service, clients: undefined };
  const crowd: Crowd = { port, idle, active, overMs };
  const clients = startProgram(clientsEntry, [JSON.stringify(crowd)]);
  // What the clients do must not take time from the service: it would look like the service's own.
  prefer(clients, 'clients');
  await nextMessage(clients);
  return { service, clients };
}

async function ask<Answer>(child: ChildProcess, question: Question): Promise<Answer> {
  const answer = nextMessage<Answer>(child);
  child.send(question);
  return answer;
}

async function close({ service, clients }: Scene): Promise<void> {
  for (const child of [service, clients]) {
    if (!child || child.exitCode !== null || child.signalCode !== null) continue;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
}

/** Let everybody come, stop the service, and see how it leaves. */
export async function leave(id: string, arm: Arm, execArgv: string[] = []): Promise<Departure> {
  const scene = await open(id, arm, execArgv);
  const { service, clients } = scene;
  service.send('watch' satisfies Question);
  await delay(leadMs);
  const figures = nextMessage<LoopFigures>(service);
  const exited = once(service, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const { preDrainMs, drainMs } = arm.grace;
  // Beyond every budget: whoever is still there by then does not end by itself.
  const limit = setTimeout(() => service.send('loop' satisfies Question), preDrainMs + drainMs + 2_000);
  service.kill('SIGTERM');
  const loop = await figures;
  clearTimeout(limit);
  const [code, signal] = await Promise.race([exited, delay(2_000, [undefined, 'never'] as const)]);
  const end = clients && (await ask<CrowdEnd>(clients, 'loop'));
  await close(scene);
  return { ...loop, lost: arm.active - (end?.answered ?? 0), exit: String(code ?? signal) };
}

/** What the monitor shows of a service that does nothing: what the machine itself adds. */
export async function rest(id: string, arm: Arm, forMs: number): Promise<LoopFigures> {
  const scene = await open(id, arm);
  scene.service.send('watch' satisfies Question);
  await delay(forMs);
  const figures = await ask<LoopFigures>(scene.service, 'loop');
  await close(scene);
  return figures;
}

/** What a service with so many idle connections holds. */
export async function memory(id: string, arm: Arm): Promise<MemoryFigures> {
  const scene = await open(id, arm, ['--expose-gc']);
  const figures = await ask<MemoryFigures>(scene.service, 'memory');
  await close(scene);
  return figures;
}
