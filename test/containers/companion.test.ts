import { Ledger, type Pace } from '@graceful/conformance/client';
import { expect, it } from 'vitest';
import { CompanionPod } from '../src/containers/companion-pod.js';
import { Held } from '../src/containers/held.js';
import { companionImage, programsImage } from '../src/containers/images/service-images.js';
import { takeAway } from '../src/examples/departure.js';
import { harm } from '../src/examples/harm.js';
import { Load } from '../src/supervisor/load.js';
import { describeContainers } from './describe-containers.js';

const pace: Pace = {
  requests: [{ path: '/' }, { path: '/echo', method: 'POST', body: 'an order' }],
  thinkMs: 5,
};
/** A machine may be busy: whoever waits, in a request or on an idle connection, is waited for. */
const patient = { DRAIN: JSON.stringify({ requestsMs: 60_000, idleMs: 60_000 }) };
/** What is in flight would take for ever, and nobody waits in a lame-duck. */
const busy = { env: { DRAIN: JSON.stringify({ delayMs: 0, requestsMs: 60_000 }) } };
const aRequestInFlight = /^graceful_companion_in_flight\{name="orders",id="[^"]+"\} 1$/m;

const memory = 128 * 2 ** 20;

/** Ways to end a service in the middle of a request. */
const ends = [
  { name: 'SIGKILL', oomKilled: false, code: 0, end: ({ service }: CompanionPod) => service.kill('SIGKILL') },
  {
    name: 'docker stop, whose timeout is over before the drain is',
    oomKilled: false,
    // The pod had begun to end: what the companion exits with is about that.
    code: 65,
    end: async (pod: CompanionPod) => {
      await pod.beginEnd();
      await pod.service.stop(2);
    },
  },
  {
    name: 'the kernel, for its memory',
    oomKilled: true,
    code: 0,
    end: async ({ address }: CompanionPod) => {
      const glutton = new Ledger();
      await (await glutton.connect(address)).send({ path: '/memory?mb=1000' }).settled();
      glutton.destroy();
    },
  },
];

await describeContainers(
  'a service and its companion, containers with one network and one folder',
  () => {
    it.for([
      { shares: 'nothing more', plan: {} },
      { shares: 'their processes', plan: { pid: true } },
      { shares: 'IPC', plan: { ipc: true } },
      { shares: 'processes and IPC', plan: { pid: true, ipc: true } },
    ])(
      'the service leaves under load: nothing lost, a clean receipt; they share $shares',
      async ({ plan }) => {
        await using pod = await CompanionPod.start({ ...plan, env: patient });
        const clients = new Ledger();
        try {
          using held = await Held.at(pod);
          const exit = await takeAway(pod.leaving, {
            clients,
            held: held.exchange,
            pace,
            release: () => held.release(),
          });
          expect(harm(clients)).toEqual([]);
          expect(held.exchange.fate).toBe('answered');
          expect(exit, pod.service.output).toMatchObject({ code: 0 });
        } finally {
          clients.destroy();
        }
        expect(await pod.receipt()).toMatchObject({
          pod: 'orders-1',
          podUid: 'uid-1',
          name: 'orders',
          verdict: 'clean',
          exit: { how: 'bye' },
          dropped: 0,
          report: { verdict: 'clean', reason: 'SIGTERM' },
        });
        // The service has gone, and a scrape still finds out how it left.
        await pod.measures(/^graceful_companion_receipts_total\{name="orders",verdict="clean"\} 1$/m);
        await pod.measures(/^graceful_companion_in_flight\{name="orders",id="[^"]+"\} 0$/m);
        const judged = await pod.judge();
        expect(judged.code, judged.output).toBe(0);
        expect(await pod.companion.stop(), pod.companion.output).toMatchObject({ code: 0 });
      },
    );

    it.for(ends)(
      'the service is ended by $name: no report, but a receipt of what it dropped',
      async (row) => {
        await using pod = await CompanionPod.start(row.oomKilled ? { ...busy, memory } : busy);
        using held = await Held.at(pod);
        await pod.measures(aRequestInFlight);
        await row.end(pod);
        const { code, oomKilled } = await pod.service.exit();
        expect({ code, oomKilled }, pod.service.output).toEqual({ code: 137, oomKilled: row.oomKilled });
        expect(pod.service.report).toBeUndefined();
        expect(await held.exchange.settled()).toBe('lost');
        const receipt = await pod.receipt();
        expect(receipt).toMatchObject({ verdict: 'dropped', exit: { how: 'eof' } });
        // In flight were the one that waits and, for the kernel's, the one that ate: never fewer than were lost.
        expect(receipt.dropped).toBeGreaterThanOrEqual(1);
        const judged = await pod.judge();
        expect(judged.code, judged.output).toBe(1);
        expect(await pod.companion.stop(), pod.companion.output).toMatchObject({ code: row.code });
      },
    );

    it.for([
      { signal: 'SIGTERM', how: 'in order' },
      { signal: 'SIGKILL', how: 'without a word' },
    ] as const)(
      'the companion ends $how and is started again: the service serves on, and its receipt is clean',
      async ({ signal }) => {
        await using pod = await CompanionPod.start({ env: { DRAIN: JSON.stringify({ delayMs: 0 }) } });
        using load = new Load({ at: pod.address });
        await load.more();
        await pod.restartCompanion(signal);
        await pod.measures(/^graceful_companion_epoch 2$/m);
        await pod.measures(/^graceful_companion_instances\{state="ready"\} 1$/m);
        await load.more();
        await load.nothingLost();
        expect(await pod.service.stop(), pod.service.output).toMatchObject({ code: 0 });
        expect(await pod.receipt()).toMatchObject({ epoch: 2, verdict: 'clean', exit: { how: 'bye' } });
        expect(await pod.companion.stop(), pod.companion.output).toMatchObject({ code: 0 });
      },
    );

    it('the service needs no companion in order to leave', async () => {
      await using pod = await CompanionPod.start({ env: { DRAIN: JSON.stringify({ delayMs: 0 }) } });
      using held = await Held.at(pod);
      await pod.companion.kill('SIGKILL');
      await pod.companion.exit();
      pod.service.terminate();
      await pod.service.state('draining');
      await held.release();
      expect(await pod.service.exit(), pod.service.output).toMatchObject({ code: 0 });
      expect(await held.exchange.settled()).toBe('answered');
      expect(pod.service.report).toMatchObject({ verdict: 'clean' });
    });

    it('another user in a container of the same pod cannot open the control socket', async () => {
      await using pod = await CompanionPod.start({});
      const knock = `net.connect('/run/graceful/control.sock').on('error', (e) => console.log(e.code)).on('connect', () => process.exit(1))`;
      const asUser = async (user: string) => await pod.service.exec(['node', '-e', knock], user);
      expect(await asUser('2000:2000')).toMatchObject({ code: 0, output: 'EACCES\n' });
      expect(await asUser('1000:1000')).toMatchObject({ code: 1 });
    });
  },
  { images: () => Promise.all([programsImage(), companionImage()]) },
);
