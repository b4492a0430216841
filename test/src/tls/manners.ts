import { Relay, straight } from '@graceful/conformance/client';
import type { Trial } from '../harness/trial.js';
import { roomy, type Scenario } from '../scenarios/scenario.js';
import { shakeHands, type Version, versions } from './handshake.js';
import { isCloseNotify, type LastRecord, watchRecords } from './records.js';

/** A connection that is listened in on; `last` is how the service came to its end. */
async function overheard(trial: Trial, version: Version) {
  let ended!: (last: LastRecord | undefined) => void;
  const last = new Promise<LastRecord | undefined>((resolve) => (ended = resolve));
  const relay = await Relay.to(trial.service.address(), straight, watchRecords(ended));
  const connection = trial.clients.over(await shakeHands(relay.address, { maxVersion: version }));
  return { version, connection, last, relay };
}

type Overheard = Awaited<ReturnType<typeof overheard>>;

async function checkLast(trial: Trial, all: readonly Overheard[]): Promise<void> {
  for (const { version, last, relay } of all) {
    const how = await last;
    trial.check(isCloseNotify(how), `${version}: ended without close_notify: ${JSON.stringify(how)}`);
    relay[Symbol.dispose]();
  }
}

function each(trial: Trial): Promise<Overheard[]> {
  return Promise.all(versions.map((version) => overheard(trial, version)));
}

const bigBytes = 30_000_000;

export const manners: readonly Scenario[] = [
  {
    name: 'ends with close_notify whoever was told, and whoever never asked',
    wants: { drain: { idleMs: 500 } },
    async run(trial) {
      const [told, silent] = [await each(trial), await each(trial)];
      const exchanges = told.map(({ version, connection }) =>
        connection.send({ path: `/hold?id=${version}` }),
      );
      await Promise.all(versions.map((version) => trial.service.entered(version)));
      trial.signal();
      await trial.service.state('draining');
      for (const version of versions) trial.service.release(version);
      await Promise.all(exchanges.map((exchange) => exchange.answer()));
      await checkLast(trial, [...told, ...silent]);
    },
    outcome: {
      requests: { inFlightAtStart: 2, served: 2 },
      connections: { told: 2, idle: 2, client: 0 },
      drainMs: [400, 1_500],
    },
  },
  {
    name: 'ends with close_notify behind the whole of an answer larger than every buffer',
    // A busy machine needs seconds for it.
    wants: { drain: { ...roomy.drain, requestsMs: 15_000 } },
    async run(trial) {
      const all = await each(trial);
      const exchanges = all.map(({ version, connection }) => {
        connection.pause();
        return connection.draft({ path: `/big?bytes=${bigBytes}&id=${version}` });
      });
      trial.signal();
      await trial.service.state('lame-duck');
      for (const exchange of exchanges) exchange.send();
      await Promise.all(versions.map((version) => trial.service.entered(version)));
      await trial.service.state('draining');
      for (const { connection } of all) connection.resume();
      for (const exchange of exchanges) {
        trial.equal((await exchange.answer()).bodyBytes, bigBytes, 'bytes of the body');
      }
      await checkLast(trial, all);
    },
    outcome: { requests: { served: 2 }, connections: { told: 2, idle: 0, client: 0 } },
  },
  {
    name: 'does not wait for clients that answer close_notify with nothing',
    wants: { drain: { idleMs: 0 } },
    async run(trial) {
      const stubborn = await trial.connect({ stubborn: true });
      const idle = await trial.connect({ stubborn: true });
      const exchange = stubborn.send({ path: '/hold?id=held' });
      await trial.service.entered('held');
      trial.signal();
      await trial.service.state('draining');
      trial.service.release('held');
      await exchange.answer();
      await Promise.all([stubborn.closed, idle.closed]);
    },
    outcome: { requests: { served: 1 }, connections: { told: 1, idle: 1 }, drainMs: [0, 2_000] },
  },
];
