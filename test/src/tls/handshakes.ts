import { ConnectError, Relay, straight } from '@graceful/conformance/client';
import type { Trial } from '../harness/trial.js';
import type { Scenario } from '../scenarios/scenario.js';
import { interruptions, PartedHandshake, versions } from './handshake.js';
import { inPieces } from './in-pieces.js';

type Begun = readonly PartedHandshake[] & Disposable;

/** One for each version and each place where it may be interrupted. */
async function beginAll(trial: Trial): Promise<Begun> {
  const address = trial.service.address();
  const begun = versions.map(async (version) => {
    const places = await interruptions(version);
    return Promise.all(places.map((bytes) => PartedHandshake.begin(address, version, bytes)));
  });
  const all = (await Promise.all(begun)).flat();
  return Object.assign(all, {
    [Symbol.dispose]: () => {
      for (const handshake of all) handshake[Symbol.dispose]();
    },
  });
}

async function completeAndAsk(trial: Trial, handshakes: readonly PartedHandshake[]): Promise<void> {
  await Promise.all(
    handshakes.map(async (handshake) => {
      const connection = trial.clients.over(await handshake.complete());
      trial.check((await connection.ask({ path: '/slow?ms=20' })).saysClose, 'the answer did not say close');
      await connection.closed;
    }),
  );
}

const count = 4 * versions.length;

export const handshakes: readonly Scenario[] = [
  {
    name: 'completes handshakes that were interrupted at the signal, in the lame-duck, and answers',
    wants: { drain: { delayMs: 3_000 } },
    async run(trial) {
      using all = await beginAll(trial);
      trial.signal();
      await trial.service.state('lame-duck');
      await completeAndAsk(trial, all);
    },
    outcome: {
      requests: { inFlightAtStart: 0, served: count, servedInLameDuck: count },
      connections: { told: count, idle: 0, client: 0 },
    },
  },
  {
    name: 'completes handshakes that were interrupted at the signal, after the listener closed, and answers',
    // Nothing but the handshakes may keep these connections.
    wants: { drain: { idleMs: 0 } },
    async run(trial) {
      using all = await beginAll(trial);
      trial.signal();
      await trial.service.state('draining');
      await completeAndAsk(trial, all);
    },
    outcome: {
      requests: { served: count, servedInLameDuck: 0 },
      connections: { told: count, idle: 0, client: 0 },
      // That many handshakes at once are work for a busy machine.
      drainMs: [0, 4_000],
    },
  },
  {
    name: 'cuts handshakes that stall 2 s after the listener closed, and is held no longer',
    wants: { drain: { idleMs: 300 } },
    async run(trial) {
      using all = await beginAll(trial);
      trial.signal();
      await Promise.all(all.map(({ cut }) => cut));
    },
    outcome: {
      requests: { served: 0, dropped: 0 },
      connections: { told: 0, idle: 0, client: 0, forced: 0 },
      drainMs: [1_700, 3_000],
    },
  },
  {
    name: 'is not held for longer by a handshake that comes byte by byte',
    wants: { drain: { idleMs: 300 } },
    async run(trial) {
      const draining = trial.service.state('draining');
      using line = await Relay.to(trial.service.address(), inPieces(1, 20), straight);
      trial.signal();
      const refused = await trial.observers.connect(line.address).catch((error: unknown) => error);
      trial.check(refused instanceof ConnectError, 'the handshake came to its end');
      await draining;
    },
    outcome: { requests: { served: 0 }, drainMs: [1_700, 3_000] },
  },
  {
    name: 'is not held by handshakes that fail while it drains',
    wants: { drain: { idleMs: 300 } },
    async run(trial) {
      const address = { ...trial.service.address(), tls: false };
      const [nonsense, gone] = [
        await trial.observers.connect(address),
        await trial.observers.connect(address),
      ];
      trial.signal();
      await trial.service.state('draining');
      nonsense.draft({ path: '/' }).send();
      gone.destroy();
      await nonsense.closed;
    },
    outcome: { requests: { served: 0, dropped: 0 }, drainMs: [0, 1_000] },
  },
];
