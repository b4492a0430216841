import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { adapterKit } from '../src/adapter.js';
import { deferred } from './support/drainable.js';
import { quietGraceful } from './support/graceful.js';
import { ask, closeServer, portOf } from './support/http.js';

const drain = { delayMs: 0, idleMs: 0 };

function kitted() {
  const graceful = quietGraceful({ drain });
  return { graceful, kit: adapterKit(graceful) };
}

/** A server that the user's own code opens. */
async function open(listener: RequestListener) {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  onTestFinished(() => closeServer(server));
  await once(server, 'listening');
  return server;
}

describe('what adapters are given', () => {
  it('finds servers that the user’s own code opens, and no others', async () => {
    const { graceful, kit } = kitted();
    const ours: RequestListener = (_, response) => void response.end('ours');
    kit.findServers((server) => server.listeners('request').includes(ours));
    const other = await open((_, response) => void response.end('not ours'));
    expect(kit.knows(other)).toBe(false);
    expect(graceful.state).toBe('starting');
    const server = await open(ours);
    expect(kit.knows(server)).toBe(true);
    expect(graceful.state).toBe('ready');
    expect((await ask(portOf(server), '/readyz')).status).toBe(200);
    expect((await ask(portOf(other), '/readyz')).body).toBe('not ours');
    expect(await graceful.shutdown('test')).toMatchObject({ verdict: 'clean' });
    expect([server.listening, other.listening]).toEqual([false, true]);
  });

  it('looks for servers no more after uninstall()', async () => {
    const { graceful, kit } = kitted();
    kit.findServers(() => true);
    graceful.uninstall();
    const server = await open(() => {});
    expect(kit.knows(server)).toBe(false);
  });

  it('counts connections and requests that came before the server was known', async () => {
    const { graceful, kit } = kitted();
    kit.findServers(() => false);
    const answer = deferred();
    const arrived = deferred();
    const server = await open((request, response) => {
      kit.adoptRequest(request, response);
      arrived.resolve();
      void answer.promise.then(() => response.end('whole'));
    });
    const silent = connect(portOf(server), '127.0.0.1');
    onTestFinished(() => void silent.destroy());
    await once(server, 'connection');
    const asked = ask(portOf(server), '/');
    await arrived.promise;
    expect(graceful).toMatchObject({ state: 'ready', inFlight: 1, connections: { new: 1, active: 1 } });
    const leaving = graceful.shutdown('test');
    answer.resolve();
    expect(await asked).toMatchObject({ status: 200, body: 'whole' });
    expect(await leaving).toMatchObject({ verdict: 'clean', requests: { served: 1, dropped: 0 } });
  });

  it('leaves alone a request that came through no server, as frameworks inject in tests', () => {
    const { graceful, kit } = kitted();
    kit.adoptRequest({ socket: {} } as never, {} as never);
    expect(graceful).toMatchObject({ state: 'starting', inFlight: 0 });
  });

  it('tells the paths of the probes', () => {
    expect(kitted().kit.probePaths).toEqual(['/healthz', '/readyz', '/startupz']);
    expect(adapterKit(quietGraceful({ probes: { liveness: '/live', startup: false } })).probePaths).toEqual([
      '/live',
      '/readyz',
    ]);
  });

  it('is there for what createGraceful of this copy returned, and says so of anything else', () => {
    expect(() => adapterKit({} as never)).toThrow(/createGraceful of this copy of @graceful\/core/);
  });
});
