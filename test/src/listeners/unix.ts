import { existsSync } from 'node:fs';
import { askUntilTold, late, Relay, type Address, ConnectError } from '@graceful/conformance/client';
import type { Trial } from '../harness/trial.js';
import type { Scenario } from '../scenarios/scenario.js';
import { addressesOf } from './addresses.js';

function range(count: number): number[] {
  return Array.from({ length: count }, (_none, index) => index);
}

function only(trial: Trial): Address & { readonly path: string } {
  const [address] = addressesOf(trial);
  if (address?.path === undefined) throw new Error('Expected a service on a Unix socket.');
  return { ...address, path: address.path };
}

/** The file of the socket is there until the listener closes, and never after the exit. */
async function leavesNoFile(trial: Trial, path: string): Promise<void> {
  await trial.service.exit();
  trial.check(!existsSync(path), `the socket's file is still there: ${path}`);
}

/** Far more than the buffers of a Unix socket. */
const bigBytes = 8_000_000;
const clients = 40;

/** What clients meet on a Unix socket; `path` gives a new one for each row. */
export function unixRows(path: () => string): readonly Scenario[] {
  return [
    {
      name: 'answers clients on a Unix socket that go on until told, who are 20 ms away',
      wants: { listeners: [{ path: path() }] },
      async run(trial) {
        const address = only(trial);
        using distance = await Relay.to(address, late(10), late(10));
        const connections = await Promise.all(
          range(clients).map(() => trial.clients.connect(distance.address)),
        );
        await Promise.all(connections.map((connection) => connection.ask({ path: '/' })));
        const requests = [{ path: '/' }, { path: '/slow?ms=15' }, { path: '/nowhere' }];
        const load = connections.map((connection, index) =>
          askUntilTold(connection, { requests, thinkMs: 10 + index * 12 }),
        );
        await trial.warm(3 * clients);
        trial.signal();
        await Promise.all(load);
        trial.equal(connections.filter(({ told }) => !told).length, 0, 'clients that were never told');
        await leavesNoFile(trial, address.path);
      },
      outcome: { connections: { told: clients, idle: 0, client: 0 } },
    },
    {
      name: 'finishes what is in flight on a Unix socket, and sends a slow reader the whole of it',
      wants: { drain: { idleMs: 500 }, listeners: [{ path: path() }] },
      async run(trial) {
        const { service } = trial;
        const address = only(trial);
        const [held, reader, silent] = await Promise.all(range(3).map(() => trial.clients.connect(address)));
        if (!held || !reader || !silent) throw new Error('Expected three connections.');
        const exchange = held.send({ path: '/hold?id=held' });
        reader.pause();
        const big = reader.draft({ path: `/big?bytes=${bigBytes}&id=big` });
        await service.entered('held');
        trial.signal();
        await service.state('lame-duck');
        trial.check(existsSync(address.path), 'the file of the socket has gone with the signal');
        big.send();
        await service.entered('big');
        await service.state('draining');
        // The third is let go, and the others are not.
        await silent.closed;
        const refused = await trial.observers.connect(address).catch((error: unknown) => error);
        trial.equal(refused instanceof ConnectError && refused.code, 'ENOENT', 'a connection in the drain');
        reader.resume();
        trial.equal((await big.answer()).bodyBytes, bigBytes, 'bytes of the body');
        service.release('held');
        await exchange.answer();
        await leavesNoFile(trial, address.path);
      },
      outcome: {
        requests: { inFlightAtStart: 1, served: 2, servedInLameDuck: 1 },
        connections: { told: 2, idle: 1, client: 0 },
      },
    },
    {
      name: 'leaves no file of a Unix socket behind when it is cut short, too',
      wants: { drain: { requestsMs: 500 }, listeners: [{ path: path() }] },
      async run(trial) {
        const address = only(trial);
        const connection = await trial.clients.connect(address);
        connection.send({ path: '/never?id=endless', doomed: true });
        await trial.service.entered('endless');
        trial.signal();
        // Its end may be heard of after that of the process.
        await connection.closed;
        await leavesNoFile(trial, address.path);
      },
      outcome: {
        exitCode: 1,
        verdict: 'forced',
        requests: { inFlightAtStart: 1, served: 0, dropped: 1 },
        connections: { forced: 1 },
        drainMs: [400, 1_700],
      },
    },
  ];
}
