import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { judgeReceipts, readReceipts } from '@graceful/companion/receipts';
import { Ledger, within } from '@graceful/conformance/client';
import { Kubelet, type Pod } from '@graceful/rehearsal/kubelet';
import { rollUnderLoad } from '../src/kubelet/rolling.js';
import { storyOf } from '../src/kubelet/story.js';
import { accompanied, receiptsFile } from '../src/kubelet/templates.js';

const patienceMs = 60_000;
const timeout = 120_000;

/** What the pods of a test share with nobody. Tests run side by side: only the context knows which one ends. */
function testFolder({ onTestFinished }: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'pods-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function receiptsOf(folder: string, pods: readonly Pod[]) {
  // Where no departure was seen, there is none.
  return readReceipts(pods.map((pod) => receiptsFile(folder, pod)).filter((file) => existsSync(file)));
}

/** A pod under a load of requests that have not been answered, by a service that takes nobody's word for its end. */
async function busy(
  { onTestFinished }: TestContext,
  kubelet: Kubelet,
  template: ReturnType<typeof accompanied>,
  count: number,
) {
  const pod = await kubelet.run(template);
  await within(patienceMs, 'readiness', pod.ready());
  await within(patienceMs, 'the companion', connected(pod));
  const ledger = new Ledger();
  onTestFinished(() => ledger.destroy());
  const address = pod.address('http') ?? expect.fail('no address');
  const open = () => ledger.connect({ ...address, tls: false });
  const slow = await Promise.all(
    Array.from({ length: count }, async () => (await open()).send({ path: '/slow?ms=60000' })),
  );
  await (await open()).ask({ path: '/' });
  return { pod, ledger, slow };
}

/** The service says so in its log. */
async function connected(pod: Pod): Promise<void> {
  while (!pod.logs('app').includes('the companion is there'))
    await new Promise((resolve) => setTimeout(resolve, 20));
}

describe.each([0, 1_000, 5_000])(
  'a rolling replacement with companions, of which the network hears %i ms late',
  { concurrent: true, timeout },
  (lagMs) => {
    it('loses nothing, and every departure has its receipt', async (context) => {
      const folder = testFolder(context);
      const drain = { delayMs: 1_000, requestsMs: 6_000, hooksMs: 1_000, idleMs: 4_000 };
      const hold = { minMs: lagMs + 500, maxMs: lagMs + 3_000 };
      // The hold, the service's own budgets, and 4 s for what the kubelet rounds and for the companion.
      const graceSeconds = Math.ceil((hold.maxMs + 8_000) / 1_000) + 4;
      const template = accompanied({ drain, graceSeconds }, hold, folder);
      const { complaints, figures, rolled, story } = await rollUnderLoad({ template, lagMs });
      expect(complaints, story).toEqual([]);
      expect(figures, story).toMatchObject({ refused: {}, nowhere: 0 });
      const receipts = await receiptsOf(
        folder,
        rolled.replaced.map(({ pod }) => pod),
      );
      expect(judgeReceipts(receipts, { instances: 2 }), story).toMatchObject({
        ok: true,
        clean: 2,
        findings: [],
      });
      for (const { pod, end } of rolled.replaced) {
        expect(end.durationMs, story).toBeLessThan(end.graceSeconds * 1_000);
        for (const { name, exit, killed, restarts } of end.containers)
          expect({ name, exit, killed, restarts }, story).toEqual({
            name,
            exit: { code: 0 },
            killed: false,
            restarts: 0,
          });
        // The service was told only when its hook was released, and the companion when the service had gone.
        const instant = (container: string, type: string) =>
          pod.events.find(
            (event) => 'container' in event && event.container === container && event.type === type,
          )?.atMs ?? Number.NaN;
        expect(instant('app', 'signal'), story).toBeGreaterThanOrEqual(
          instant('app', 'pre-stop') + hold.minMs - 50,
        );
        expect(instant('companion', 'signal'), story).toBeGreaterThanOrEqual(instant('app', 'exited'));
      }
    });
  },
);

describe('with too little grace and a companion', { concurrent: true, timeout }, () => {
  const drain = { delayMs: 200, requestsMs: 60_000, hooksMs: 500, idleMs: 200 };
  const hold = { minMs: 200, maxMs: 1_000 };

  it('a service whose budgets are longer than the grace is told of its deadline, and its receipt counts what was lost', async (context) => {
    const folder = testFolder(context);
    await using kubelet = new Kubelet();
    const { pod, ledger, slow } = await busy(
      context,
      kubelet,
      accompanied({ drain, graceSeconds: 20 }, hold, folder),
      3,
    );
    const end = await within(patienceMs, 'the end', pod.delete());
    await Promise.all(slow.map((exchange) => exchange.settled()));
    const story = storyOf(kubelet);
    const { receipts } = await receiptsOf(folder, [pod]);
    expect(ledger.lost, story).toHaveLength(3);
    expect(receipts, story).toMatchObject([{ name: 'app', verdict: 'dropped', dropped: 3 }]);
    const { findings } = judgeReceipts({ receipts });
    expect(
      findings.map(({ message }) => message),
      story,
    ).toEqual([expect.stringContaining('dropped: it dropped 3 requests')]);
    const [app, companion] = end.containers;
    // It was told of its deadline, and has said how it ended; on a machine that did not let it, the kubelet ended it.
    if (!app?.killed) expect(receipts[0]?.exit.how, story).toBe('bye');
    // The exit code says what came of it.
    if (!companion?.killed) expect(companion?.exit, story).toEqual({ code: 65 });
  });

  it('a hard eviction: the service is killed, and its receipt says what it had in hand', async (context) => {
    const folder = testFolder(context);
    await using kubelet = new Kubelet();
    const { pod, ledger, slow } = await busy(
      context,
      kubelet,
      accompanied({ drain, graceSeconds: 60 }, hold, folder),
      3,
    );
    const end = await within(patienceMs, 'the end', pod.evict());
    await Promise.all(slow.map((exchange) => exchange.settled()));
    const story = storyOf(kubelet);
    const { receipts } = await receiptsOf(folder, [pod]);
    const [app, companion] = end.containers;
    expect(ledger.lost, story).toHaveLength(3);
    expect(app, story).toMatchObject({ name: 'app', killed: true });
    // It has a second from the end of the service to its own SIGKILL: on a machine that does not let it run it writes none,
    // and that there is none speaks against the departure as well.
    if (companion?.killed) expect(judgeReceipts({ receipts }).ok, story).toBe(false);
    else expect(receipts, story).toMatchObject([{ name: 'app', verdict: 'dropped', dropped: 3 }]);
    // Far from the 60 s that it was to have.
    expect(end.durationMs, story).toBeLessThan(20_000);
  });

  it('a companion that is killed is started again, cancels nothing and drains nobody', async (context) => {
    const folder = testFolder(context);
    await using kubelet = new Kubelet();
    const { pod, ledger, slow } = await busy(
      context,
      kubelet,
      accompanied({ drain: { ...drain, requestsMs: 1_500 }, graceSeconds: 12 }, hold, folder),
      1,
    );
    pod.signal('companion', 'SIGKILL');
    await within(
      patienceMs,
      'its restart',
      pod.happens('a restart', (event) => event.type === 'started' && event.restarts === 1),
    );
    const reconnected = async (): Promise<void> => {
      while (pod.logs('app').split('the companion is there').length < 3)
        await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await within(patienceMs, 'the service to find it', reconnected());
    const [connection] = ledger.connections;
    expect(connection?.end).toBeUndefined();
    expect(pod.conditions.terminating).toBe(false);
    const end = await within(patienceMs, 'the end', pod.delete());
    await Promise.all(slow.map((exchange) => exchange.settled()));
    const story = storyOf(kubelet);
    const { receipts } = await receiptsOf(folder, [pod]);
    expect(receipts, story).toMatchObject([{ name: 'app', epoch: 2, dropped: ledger.lost.length }]);
    expect(end.containers, story).toMatchObject([{ killed: false }, { killed: false, restarts: 1 }]);
  });
});
