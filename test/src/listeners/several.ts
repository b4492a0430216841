import { setTimeout as pause } from 'node:timers/promises';
import { type Address, late, Relay } from '@graceful/conformance/client';
import type { Trial } from '../harness/trial.js';
import { expectRefused } from '../scenarios/refused.js';
import { roomy, type Scenario } from '../scenarios/scenario.js';
import type { ListenerConfig } from '../harness/protocol.js';
import { addressesOf } from './addresses.js';

/** On every one of them: in flight, fresh in the lame-duck, silent until the drain; and the report sums it all. */
async function useAll(trial: Trial, addresses: readonly Address[]): Promise<void> {
  const { service, clients } = trial;
  const open = (address: Address) => clients.connect(address);
  const [held, silent] = [await Promise.all(addresses.map(open)), await Promise.all(addresses.map(open))];
  const exchanges = held.map((connection, index) => connection.send({ path: `/hold?id=${index}` }));
  await Promise.all(held.map((_one, index) => service.entered(String(index))));
  trial.signal();
  await service.state('lame-duck');
  for (const address of addresses) await (await open(address)).ask({ path: '/' });
  await service.state('draining');
  await Promise.all(silent.map((connection) => connection.ask({ path: '/' })));
  // One after the other: the end of one server is not the end of the drain.
  for (const [index, exchange] of exchanges.entries()) {
    service.release(String(index));
    await exchange.answer();
  }
}

function outcome(count: number): NonNullable<Scenario['outcome']> {
  return {
    requests: { inFlightAtStart: count, served: 3 * count, servedInLameDuck: count },
    connections: { told: 3 * count, idle: 0, client: 0 },
    hooks: { pool: 'ok' },
  };
}

/** Several servers for the same routes; `path` gives a new one for each row. */
export function severalRows(path: () => string): readonly Scenario[] {
  const rows: Readonly<Record<string, readonly ListenerConfig[]>> = {
    'two addresses': [{ host: '127.0.0.1' }, { host: '127.0.0.2' }],
    'a port and a Unix socket': [{ host: '127.0.0.1' }, { path: path() }],
  };
  return Object.entries(rows).map(([name, listeners]) => ({
    name: `drains ${name} under one lifecycle, and sums them in its report`,
    wants: { ...roomy, listeners, hooks: [{ name: 'pool', does: 'ends' }] },
    run: (trial) => useAll(trial, addressesOf(trial)),
    outcome: outcome(listeners.length),
  }));
}

/** Servers with TLS and without. */
export function mixedRows(path: () => string): readonly Scenario[] {
  const listeners = [
    { host: '127.0.0.1' },
    { host: '127.0.0.1', tls: true },
    { path: path() },
    { path: path(), tls: true },
  ];
  return [
    {
      name: 'drains HTTP and HTTPS, on ports and on Unix sockets, under one lifecycle',
      wants: { drain: { delayMs: 3_000 }, listeners, hooks: [{ name: 'pool', does: 'ends' }] },
      run: (trial) => useAll(trial, addressesOf(trial)),
      outcome: outcome(listeners.length),
    },
  ];
}

/** Clients that the second server keeps alive. */
const idle = 20;

/** One `listen()` that opens two servers, of which the second is nobody's. */
export const localhostRows: readonly Scenario[] = [
  {
    name: 'drains the second server that Fastify opens for localhost, too',
    wants: { ...roomy, listeners: [{ host: 'localhost' }], hooks: [{ name: 'pool', does: 'ends' }] },
    async run(trial) {
      const addresses = ['127.0.0.1', '127.0.0.2'].map((host) => ({ ...trial.service.address(), host }));
      await useAll(trial, addresses);
    },
    outcome: outcome(2),
  },
  {
    name: 'is patient with idle clients of the second server of localhost when the first has nobody left',
    wants: { listeners: [{ host: 'localhost' }] },
    async run(trial) {
      const { service, clients } = trial;
      const first = await clients.connect(service.address());
      const second = { ...service.address(), host: '127.0.0.2' };
      using distance = await Relay.to(second, late(10), late(10));
      const others = await Promise.all(Array.from({ length: idle }, () => clients.connect(distance.address)));
      const exchange = first.send({ path: '/hold?id=held' });
      await service.entered('held');
      await Promise.all(others.map((connection) => connection.ask({ path: '/' })));
      trial.signal();
      // Most of them think for longer than the lame-duck lasts.
      const load = others.map(async (connection, index) => {
        await pause(200 + index * 25);
        await connection.send({ path: '/slow?ms=20' }).settled();
      });
      await service.state('draining');
      // With its last answer the first server has emptied, and Fastify closes the second with it.
      service.release('held');
      await exchange.answer();
      await Promise.all(load);
    },
    outcome: { requests: { served: 1 + idle }, connections: { told: 1 + idle, idle: 0, client: 0 } },
  },
  {
    name: 'refuses on both servers of localhost once the drain has begun',
    wants: { listeners: [{ host: 'localhost' }], hooks: [{ name: 'pool', does: 'waits' }] },
    async run(trial) {
      const addresses = ['127.0.0.1', '127.0.0.2'].map((host) => ({ ...trial.service.address(), host }));
      await Promise.all(
        addresses.map(async (address) => (await trial.clients.connect(address)).ask({ path: '/' })),
      );
      trial.signal();
      await trial.service.state('draining');
      for (const address of addresses) await expectRefused(trial, address);
      await trial.service.hook('pool', 'begin');
      trial.service.release('pool');
    },
    outcome: { connections: { idle: 2 }, hooks: { pool: 'ok' } },
  },
];
