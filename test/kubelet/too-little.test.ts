import { describe, expect, it } from 'vitest';
import { Ledger, within } from '@graceful/conformance/client';
import { Kubelet, Service } from '@graceful/rehearsal/kubelet';
import { Clients } from '../src/kubelet/clients.js';
import { storyOf } from '../src/kubelet/story.js';
import { plain, reportsOf } from '../src/kubelet/templates.js';

const patienceMs = 60_000;

/** Requests that would be answered, had they the time. */
async function asked(ledger: Ledger, address: { host: string; port: number }, count: number, ms: number) {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const connection = await ledger.connect({ ...address, tls: false });
      return connection.send({ path: `/slow?ms=${ms}` });
    }),
  );
}

describe('with too little grace, what is lost is what the reports say', {
  concurrent: true,
  timeout: 120_000,
}, () => {
  it('budgets that fit the grace, and requests that do not fit the budgets: the report counts each of them, and says why', async () => {
    const drain = { delayMs: 200, requestsMs: 800, hooksMs: 200, idleMs: 200 };
    await using kubelet = new Kubelet();
    using service = await Service.start({ targetPort: 'http' });
    const pod = await kubelet.run(plain({ drain, graceSeconds: 4 }));
    service.select(pod);
    await within(patienceMs, 'the network', service.routes(1));
    const ledger = new Ledger();
    const slow = await asked(ledger, service.address, 4, 30_000);
    const quick = await asked(ledger, service.address, 3, 0);
    await Promise.all(quick.map((exchange) => exchange.answer()));
    // What was sent after them has been answered: all are in the service.
    const end = await within(patienceMs, 'the end', pod.delete());
    await Promise.all(slow.map((exchange) => exchange.settled()));
    const story = storyOf(kubelet);
    expect(ledger.lost, story).toHaveLength(4);
    expect(reportsOf(pod), story).toMatchObject([
      { verdict: 'forced', exitCode: 1, requests: { dropped: 4 }, connections: { forced: 4 } },
    ]);
    expect(end.containers, story).toMatchObject([{ name: 'app', exit: { code: 1 }, killed: false }]);
    ledger.destroy();
  });

  it('budgets that do not fit the grace: nobody is left to report, and the kubelet says who was killed, when', async () => {
    const drain = { delayMs: 200, requestsMs: 60_000, hooksMs: 200, idleMs: 200 };
    await using kubelet = new Kubelet();
    using service = await Service.start({ targetPort: 'http' });
    const pod = await kubelet.run(plain({ drain, graceSeconds: 3 }));
    service.select(pod);
    await within(patienceMs, 'the network', service.routes(1));
    const ledger = new Ledger();
    const slow = await asked(ledger, service.address, 4, 30_000);
    const [quick] = await asked(ledger, service.address, 1, 0);
    await quick?.answer();
    const end = await within(patienceMs, 'the end', pod.delete());
    await Promise.all(slow.map((exchange) => exchange.settled()));
    expect(ledger.lost).toHaveLength(4);
    expect(reportsOf(pod)).toEqual([]);
    expect(end).toMatchObject({
      phase: 'Failed',
      graceSeconds: 3,
      containers: [{ name: 'app', exit: { code: 137, signal: 'SIGKILL' }, killed: true }],
    });
    expect(end.durationMs).toBeGreaterThanOrEqual(3_000);
    ledger.destroy();
  });

  it('a lame-duck shorter than the network takes: what is refused is what the network counts', async () => {
    const lagMs = 2_000;
    const drain = { delayMs: 0, requestsMs: 1_000, hooksMs: 200, idleMs: 100 };
    await using kubelet = new Kubelet();
    using service = await Service.start({ targetPort: 'http', lagMs });
    const [leaving, staying] = await Promise.all([
      kubelet.run(plain({ drain, graceSeconds: 5 }), { name: 'leaving' }),
      kubelet.run(plain({ drain, graceSeconds: 5 }), { name: 'staying' }),
    ]);
    service.select(leaving);
    service.select(staying);
    await within(patienceMs, 'the network', service.routes(2));
    using clients = new Clients(service.address, { kept: 0, fresh: 4 });
    await clients.more();
    await within(patienceMs, 'the end', leaving.delete());
    await within(patienceMs, 'the network', service.routes(['staying']));
    await clients.complaints();
    const { refused } = service.figures;
    expect(refused['leaving']).toBeGreaterThan(0);
    // To a client a connection that is reset at once may never have been one.
    const { lost, refusals } = clients.ledger;
    expect(lost.length + refusals.length).toBe(refused['leaving']);
    // Its own report is clean: it dropped nobody, and knows nothing of those that came too late.
    expect(reportsOf(leaving)).toMatchObject([{ verdict: 'clean', requests: { dropped: 0 } }]);
  });
});
