import { gate, Relay, straight } from '@graceful/conformance/client';
import type { Scenario } from './scenario.js';

/** More than nothing, and less than a request line or the first record of a TLS handshake. */
const firstBytes = 10;

export const silent: readonly Scenario[] = [
  {
    name: 'serves a request on a connection that was silent until the listener had closed',
    async run(trial) {
      const [never, used] = [await trial.connect(), await trial.connect()];
      await used.ask({ path: '/' });
      trial.signal();
      await trial.service.state('draining');
      await Promise.all([
        never.ask({ path: '/' }),
        used.ask({ method: 'POST', path: '/echo', body: 'late' }),
      ]);
    },
    outcome: { requests: { served: 2, servedInLameDuck: 0 }, connections: { told: 2, idle: 0, client: 0 } },
  },
  {
    name: 'serves a slow request whose first bytes came before the listener closed, and the rest after',
    wants: { drain: { idleMs: 0 } },
    async run(trial) {
      const { service, clients } = trial;
      const draining = service.state('draining');
      // With TLS these are the first bytes of the handshake.
      using network = await Relay.to(() => service.address(), gate(firstBytes, draining), straight);
      const asked = clients
        .connect(network.address)
        .then((connection) => connection.ask({ path: '/hold?id=late' }));
      trial.signal();
      await service.entered('late');
      service.release('late');
      await asked;
    },
    outcome: { requests: { served: 1, inFlightAtStart: 0 }, connections: { told: 1, idle: 0, client: 0 } },
  },
  {
    name: 'closes connections that stay silent, and does not wait for them beyond idleMs',
    wants: { drain: { idleMs: 500 } },
    async run(trial) {
      const [never, used] = [await trial.connect(), await trial.connect()];
      await used.ask({ path: '/' });
      trial.signal();
      await Promise.all([never.closed, used.closed]);
    },
    outcome: { requests: { served: 0 }, connections: { idle: 2, told: 0, client: 0 }, drainMs: [400, 1_200] },
  },
  {
    name: 'is not held by a connection on which nothing was ever said, not even a handshake',
    wants: { drain: { idleMs: 500 } },
    async run(trial) {
      // Without TLS this is one more silent connection; with it, one that is none yet.
      const mute = await trial.observers.connect({ ...trial.service.address(), tls: false });
      trial.signal();
      await mute.closed;
    },
    outcome: { requests: { served: 0 }, drainMs: [0, 3_000] },
  },
  {
    name: 'does not wait for connections whose keep-alive promise has run out by the end of the lame-duck',
    wants: { keepAliveMs: 200, drain: { delayMs: 600 } },
    async run(trial) {
      const [never, used] = [await trial.connect(), await trial.connect()];
      await used.ask({ path: '/' });
      trial.signal();
      await Promise.all([never.closed, used.closed]);
    },
    outcome: { connections: { idle: 2, told: 0, client: 0 }, drainMs: [0, 800] },
  },
  {
    name: 'leaves at once when every client has gone by itself',
    async run(trial) {
      const [never, used] = [await trial.connect(), await trial.connect()];
      await used.ask({ path: '/' });
      trial.signal();
      await trial.service.state('lame-duck');
      never.close();
      used.close();
    },
    outcome: { connections: { client: 2, idle: 0, told: 0 }, drainMs: [0, 800] },
  },
];
