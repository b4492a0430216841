import { describe, expect, it } from 'vitest';
import { ConnectError, Ledger, within } from '@graceful/conformance/client';
import { Kubelet, Service } from '@graceful/rehearsal/kubelet';
import { plain } from '../src/kubelet/templates.js';

const patienceMs = 60_000;
const plan = { drain: { delayMs: 4_000, requestsMs: 1_000, hooksMs: 200, idleMs: 200 }, graceSeconds: 9 };

describe('the network in front of pods', { concurrent: true, timeout: 60_000 }, () => {
  it('believes for as long as its lag what was true before, of a pod that is ready and of one that is ending', async () => {
    const lagMs = 1_000;
    await using kubelet = new Kubelet();
    using service = await Service.start({ targetPort: 'http', lagMs });
    const pod = await kubelet.run(plain(plan));
    service.select(pod);
    const ledger = new Ledger();
    const ask = async (): Promise<string> => {
      try {
        const connection = await ledger.connect({ ...service.address, tls: false });
        return await connection.send({ path: '/' }).settled();
      } catch (error) {
        // Reset before it knew that it was connected.
        if (error instanceof ConnectError) return 'refused';
        throw error;
      }
    };
    await within(patienceMs, 'readiness', pod.ready());
    const readyAt = performance.now();
    // It would answer, and nobody knows.
    expect(service.endpoints).toEqual([]);
    expect(await ask()).not.toBe('answered');
    await within(patienceMs, 'the network', service.routes(1));
    expect(performance.now() - readyAt).toBeGreaterThanOrEqual(lagMs - 1);
    expect(await ask()).toBe('answered');

    const leftAt = performance.now();
    const ended = pod.delete();
    expect(service.endpoints).toEqual([pod.name]);
    expect(await ask()).toBe('answered');
    // Nobody else is ready: who is ending and still serves is asked on, as kube-proxy does.
    await within(patienceMs, 'the end', ended);
    await within(patienceMs, 'the network', service.routes(0));
    expect(performance.now() - leftAt).toBeGreaterThanOrEqual(lagMs - 1);
    expect(service.figures.nowhere).toBe(1);
    ledger.destroy();
  });

  it('leaves a connection where it is, also when its pod is in no slice any more', async () => {
    await using kubelet = new Kubelet();
    using service = await Service.start({ targetPort: 'http' });
    const leaving = await kubelet.run(plain(plan), {
      name: 'leaving',
    });
    service.select(leaving);
    await within(patienceMs, 'the network', service.routes(['leaving']));
    const ledger = new Ledger();
    const kept = await ledger.connect({ ...service.address, tls: false });
    expect((await kept.ask({ path: '/' })).status).toBe(200);
    const staying = await kubelet.run(plain(plan), { name: 'staying' });
    service.select(staying);
    await within(patienceMs, 'the network', service.routes(2));
    const ended = leaving.delete();
    await within(patienceMs, 'the network', service.routes(['staying']));
    await within(
      patienceMs,
      'its lame-duck',
      leaving.happens('not-ready', ({ type }) => type === 'not-ready'),
    );
    // Answered by the pod that is leaving, which says so.
    expect((await kept.ask({ path: '/' })).saysClose).toBe(true);
    const fresh = await ledger.connect({ ...service.address, tls: false });
    expect((await fresh.ask({ path: '/' })).saysClose).toBe(false);
    expect(service.figures.byPod).toEqual({ leaving: 1, staying: 1 });
    await within(patienceMs, 'the end', ended);
    ledger.destroy();
  });
});
