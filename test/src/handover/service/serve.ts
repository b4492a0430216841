import { createServer } from 'node:http';
import { createSecureServer as createHttp2Server } from 'node:http2';
import { createServer as createSecureServer } from 'node:https';

import { setTimeout as pause } from 'node:timers/promises';
import { createGraceful, type Graceful } from '@graceful/core';
import { drainWebSockets } from '@graceful/core/websocket';
import { handover, type Handover } from '@graceful/handover';
import { Registry } from 'prom-client';
import { WebSocketServer } from 'ws';
import { certificate } from '../../services/certificate.js';
import type { Bound, Listener } from '../config.js';
import { answerTo } from './answers.js';
import { obey } from './control.js';
import { route } from './routes.js';
import { stateOf } from './state.js';
import { behaviour, config, generation, haltAt, tell } from './tell.js';

const logger = Object.fromEntries(
  (['debug', 'info', 'warn', 'error'] as const).map((level) => [
    level,
    (fields: { readonly err?: unknown }, message: string) =>
      tell({
        type: 'log',
        level,
        message,
        ...(fields.err instanceof Error && { error: String(fields.err.stack) }),
      }),
  ]),
) as never;

/** The service, with two lines more than one that cannot be replaced. */
export async function serve(): Promise<void> {
  const graceful = createGraceful({
    logger,
    drain: { delayMs: 0, requestsMs: 10_000, ...config.drain },
    ...(config.probePort !== undefined && { probes: { port: config.probePort } }),
  });
  const register = new Registry();
  const service = handover(graceful, {
    overlapMs: 50,
    terminateMs: 2_000,
    ...config.options,
    environment: {
      ...config.options?.environment,
      ...Object.fromEntries((config.dropped ?? []).map((name) => [name, undefined])),
      ...(config.environmentBytes !== undefined && { LARGE: 'x'.repeat(config.environmentBytes) }),
    },
    ...(config.state && { state: stateOf(config.state) }),
    ...(config.metrics && { metrics: { register } }),
  });
  tellAll(graceful, service);
  obey((request) => answerTo(request, graceful, service, register));
  misbehaveWhenReady(graceful);
  if (behaviour.starting === 'never listens') return;
  if (behaviour.starting === 'has a check that never passes') {
    graceful.addCheck('database', () => Promise.reject(new Error('no database')));
  }
  if (behaviour.starting === 'asks for more time') {
    service.extend(30_000);
    await pause(behaviour.loadsForMs ?? 0);
  }
  haltAt('before listen()');
  const wanted = behaviour.listeners ?? config.listeners ?? [{ name: 'http', port: 0 }];
  const servers = await Promise.all(wanted.map((listener) => open(graceful, listener)));
  const addresses: Record<string, Bound> = {};
  for (const [index, server] of servers.entries()) {
    const at = server.address();
    addresses[wanted[index]?.name ?? 'http'] =
      typeof at === 'string' ? { path: at } : { port: at?.port ?? 0 };
  }
  tell({ type: 'ready', addresses, parent: service.parent });
}

async function open(graceful: Graceful, { protocol = 'http', name, ...address }: Listener) {
  const server = makeServer(graceful, protocol);
  server.prependOnceListener('listening', () => {
    haltAt('listening');
    if (behaviour.starting === 'exits when it listens') process.exit(7);
  });
  if (behaviour.listensAfterMs !== undefined) {
    // What libuv is told comes later than the word.
    const { listen } = server;
    server.listen = ((...args: never[]) => {
      setTimeout(() => Reflect.apply(listen, server, args), behaviour.listensAfterMs);
      return server;
    }) as never;
  }
  if (behaviour.starting === 'hangs when it is ready to listen') {
    setInterval(() => {}, 60_000);
    server.listen = (() => server) as never;
  }
  const given = name === undefined ? address : { ...address, name };
  if (address.port === undefined && address.path === undefined)
    return graceful.listen(server, { ...given, port: 0 });
  return graceful.listen(server, given);
}

function makeServer(graceful: Graceful, protocol: NonNullable<Listener['protocol']>) {
  if (protocol === 'https') return createSecureServer(certificate, route);
  if (protocol === 'http2') return createHttp2Server({ ...certificate, allowHTTP1: true }, route as never);
  const server = createServer(route);
  const sockets = new WebSocketServer({ server, path: '/live' });
  sockets.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
  drainWebSockets(graceful, sockets, { name: `websockets ${names++}`, spreadMs: 50 });
  return server;
}

let names = 1;

function tellAll(graceful: Graceful, service: Handover): void {
  graceful.on('state', ({ state }) => tell({ type: 'state', state }));
  graceful.on('report', ({ verdict, reason, errors }) =>
    tell({ type: 'report', verdict, reason, errors: errors.map(({ message }) => message) }),
  );
  service.onUpgrade(({ generation: to, stage, failure }) =>
    tell({
      type: 'stage',
      to,
      stage,
      ...(failure && { code: failure.code, message: failure.message, failedIn: failure.stage }),
    }),
  );
  process.on('exit', (code) => tell({ type: 'exit', code }));
}

function misbehaveWhenReady(graceful: Graceful): void {
  graceful.on('state', ({ state }) => {
    if (state !== 'ready') return;
    haltAt('ready');
    if (generation === 1) return;
    const { starting } = behaviour;
    if (starting === 'is killed when it is ready') process.kill(process.pid, 'SIGKILL');
    if (starting === 'exits with 0 when it is ready') process.exit(0);
    if (starting === 'is told to stop when it is ready') process.kill(process.pid, 'SIGTERM');
  });
}
