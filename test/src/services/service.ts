import type { createGraceful, GracefulOptions } from '@graceful/core';
import type { HookConfig, ServiceConfig } from '../harness/protocol.js';
import { answers } from './checks.js';
import { obey, released, tell } from './control.js';
import { leaveBehind } from './leftovers.js';

type Graceful = ReturnType<typeof createGraceful>;

/** Where a service listens: its own port first, then that of a second server, if one was wanted. */
export interface Listening {
  readonly ports: readonly number[];
}

/** A service that is built but does not listen yet. */
export interface Built {
  readonly graceful: Graceful;
  listen(): Promise<Listening>;
}

/** Reads what the harness wants. */
export function readConfig(): ServiceConfig {
  const { GRACEFUL_TEST: json } = process.env;
  if (json === undefined) throw new Error('Expected the service wanted, as JSON, in GRACEFUL_TEST.');
  return JSON.parse(json) as ServiceConfig;
}

/** The options that every adapter is given. */
export function toOptions(config: ServiceConfig): GracefulOptions {
  return {
    // The judge wants every last answer to say close. How telling is paced is a scenario of its own.
    drain: { tellMs: 0, ...config.drain },
    probes: config.probePort === undefined ? {} : { port: config.probePort, host: '127.0.0.1' },
  };
}

/** Install what the harness wants, report what happens, and listen. */
export async function run(config: ServiceConfig, { graceful, listen }: Built): Promise<void> {
  graceful.on('state', (event) => tell({ type: 'state', ...event }));
  graceful.on('signal', (event) => tell({ type: 'signal', ...event }));
  graceful.on('report', (report) => tell({ type: 'report', report }));
  for (const hook of config.hooks ?? []) install(graceful, hook);
  for (const { name, does } of config.checks ?? []) {
    graceful.addCheck(name, answers[does], { timeoutMs: 100, everyMs: 200 });
  }
  if (config.heldBack) graceful.notReady('warming up');
  if (config.leaves) leaveBehind(config.leaves);
  // Something is going on before a service listens; without it the process would be done.
  const startingUp = setInterval(() => {}, 60_000);
  graceful.on('state', () => clearInterval(startingUp));
  const start = async (): Promise<void> => {
    try {
      const { ports } = await listen();
      tell({ type: 'ready', ports });
    } catch (error) {
      tell({ type: 'listen-failed' });
      throw error;
    }
  };
  obey({ listen: () => void start(), ready: () => graceful.ready() });
  tell({ type: 'loaded' });
  if (!config.listensWhenTold) await start();
}

function install(graceful: Graceful, { name, does, phase, after, timeoutMs }: HookConfig): void {
  const options = {
    ...(phase && { phase }),
    ...(after && { after }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
  const hook = async (): Promise<void> => {
    tell({ type: 'hook', name, at: 'begin' });
    await ends(name, does);
    tell({ type: 'hook', name, at: 'end' });
  };
  const throws = (): never => {
    tell({ type: 'hook', name, at: 'begin' });
    throw new Error(`${name} throws`);
  };
  graceful.onShutdown(name, does === 'throws' ? throws : hook, options);
}

function ends(name: string, does: HookConfig['does']): Promise<void> {
  switch (does) {
    case 'waits':
      return released(name);
    case 'hangs':
      return new Promise(() => {});
    case 'rejects':
      // What `pg` says when the server is gone.
      return Promise.reject(
        Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNREFUSED' }),
      );
    case 'rejects-undefined':
      return Promise.reject(undefined);
    case 'ends':
    case 'throws':
      // A turn of the event loop, as the end of a pool takes at least.
      return new Promise((resolve) => setImmediate(resolve));
  }
}
