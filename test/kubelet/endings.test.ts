import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Ledger, within } from '@graceful/conformance/client';
import { Kubelet, type Pod, Service } from '@graceful/rehearsal/kubelet';
import { Clients } from '../src/kubelet/clients.js';
import { storyOf } from '../src/kubelet/story.js';
import { plain, reportsOf } from '../src/kubelet/templates.js';

const patienceMs = 60_000;
/** The readiness probe asks each second; then the network takes its time. */
const lagMs = 1_000;
const drain = { delayMs: 1_000 + lagMs + 1_000, requestsMs: 5_000, hooksMs: 500, idleMs: 4_000 };
const graceSeconds = 12;

async function behind(service: Service, ...pods: readonly Pod[]): Promise<void> {
  for (const pod of pods) service.select(pod);
  await within(patienceMs, 'the network', service.routes(pods.length));
}

describe('other ends than a deletion', { concurrent: true, timeout: 120_000 }, () => {
  it('liveness: one container is ended and started again, its pod stays, and nobody notices', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'liveness-'));
    const sick = join(folder, 'sick');
    const container = {
      livenessProbe: {
        exec: { command: ['sh', '-c', `! test -e ${sick}`] },
        periodSeconds: 1,
        failureThreshold: 1,
        terminationGracePeriodSeconds: graceSeconds,
      },
    };
    await using kubelet = new Kubelet();
    using service = await Service.start({ targetPort: 'http', lagMs });
    const ailing = await kubelet.run(plain({ drain, graceSeconds: 60, container }), { name: 'ailing' });
    const well = await kubelet.run(plain({ drain, graceSeconds: 60 }), { name: 'well' });
    await behind(service, ailing, well);
    using clients = new Clients(service.address);
    await clients.more();
    const first = ailing.idOf('app');
    writeFileSync(sick, '');
    await within(
      patienceMs,
      'the kill',
      ailing.happens('killing', ({ type }) => type === 'killing'),
    );
    rmSync(folder, { recursive: true });
    // What told the network is readiness alone.
    await within(patienceMs, 'the network', service.routes(['well']));
    await within(
      patienceMs,
      'the restart',
      ailing.happens('a restart', (event) => event.type === 'started' && event.restarts === 1),
    );
    await within(patienceMs, 'the network', service.routes(2));
    await clients.more();
    const story = storyOf(kubelet);
    expect(await clients.complaints(), story).toEqual([]);
    expect(service.figures.refused, story).toEqual({});
    expect(ailing.idOf('app')).not.toBe(first);
    expect(ailing.conditions).toEqual({ ready: true, terminating: false, gone: false });
    expect(reportsOf(ailing), story).toMatchObject([{ verdict: 'clean', reason: 'SIGTERM' }]);
    expect(ailing.events).toContainEqual(expect.objectContaining({ type: 'killing', graceSeconds }));
    expect(well.events.some(({ type }) => type === 'exited')).toBe(false);
  });

  it('a node that shuts down: no deletionTimestamp, so readiness has to tell the network; nobody notices', async () => {
    await using leaving = new Kubelet({ nodeName: 'leaving' });
    await using staying = new Kubelet({ nodeName: 'staying' });
    using service = await Service.start({ targetPort: 'http', lagMs });
    const gone = await leaving.run(plain({ drain, graceSeconds: 60 }), { name: 'gone' });
    const kept = await staying.run(plain({ drain, graceSeconds: 60 }), { name: 'kept' });
    await behind(service, gone, kept);
    using clients = new Clients(service.address);
    await clients.more();
    const ends = await within(
      patienceMs,
      'the shutdown',
      leaving.shutdown({
        shutdownGracePeriodSeconds: 20,
        shutdownGracePeriodCriticalPodsSeconds: 20 - graceSeconds,
      }),
    );
    await clients.more();
    const story = storyOf(leaving);
    expect(await clients.complaints(), story).toEqual([]);
    expect(ends, story).toMatchObject([{ phase: 'Failed', reason: 'node-shutdown', graceSeconds }]);
    expect(ends[0]?.containers, story).toMatchObject([{ exit: { code: 0 }, killed: false }]);
    expect(reportsOf(gone)).toMatchObject([{ verdict: 'clean' }]);
    // It was seen to be unready while it still served: the network had time to believe it.
    const instant = (type: string) => leaving.events.find((event) => event.type === type)?.atMs ?? Number.NaN;
    expect(instant('not-ready') + lagMs, story).toBeLessThan(instant('exited'));
    await expect(leaving.run(plain({ drain, graceSeconds }))).rejects.toThrow('ERR_REHEARSAL_SPEC');
  });

  it('a hard eviction: 1 s, which is 2 s to SIGKILL; whoever has more to do than that is killed', async () => {
    await using kubelet = new Kubelet();
    const pod = await kubelet.run(plain({ drain, graceSeconds: 60 }));
    await within(patienceMs, 'readiness', pod.ready());
    const ledger = new Ledger();
    const address = pod.address('http') ?? expect.fail('no address');
    const connection = await ledger.connect({ ...address, tls: false });
    const slow = connection.send({ path: '/slow?ms=20000' });
    const end = await within(patienceMs, 'the end', pod.evict());
    expect(await slow.settled()).toBe('lost');
    expect(end).toMatchObject({
      phase: 'Failed',
      reason: 'evicted',
      graceSeconds: 1,
      containers: [{ killed: true, exit: { signal: 'SIGKILL' } }],
    });
    expect(end.durationMs).toBeGreaterThanOrEqual(2_000);
    // Far from the 60 s that it was to have.
    expect(end.durationMs).toBeLessThan(20_000);
    ledger.destroy();
  });

  it('a hard eviction of a service with short budgets: it says itself what it dropped', async () => {
    const short = { delayMs: 200, requestsMs: 600, hooksMs: 200, idleMs: 100 };
    await using kubelet = new Kubelet();
    const pod = await kubelet.run(plain({ drain: short, graceSeconds: 60 }));
    await within(patienceMs, 'readiness', pod.ready());
    const ledger = new Ledger();
    const address = pod.address('http') ?? expect.fail('no address');
    const slow = await Promise.all(
      Array.from({ length: 3 }, async () =>
        (await ledger.connect({ ...address, tls: false })).send({ path: '/slow?ms=20000' }),
      ),
    );
    await (await ledger.connect({ ...address, tls: false })).ask({ path: '/' });
    const end = await within(patienceMs, 'the end', pod.evict());
    await Promise.all(slow.map((exchange) => exchange.settled()));
    expect(ledger.lost).toHaveLength(3);
    expect(reportsOf(pod), pod.logs('app')).toMatchObject([{ verdict: 'forced', requests: { dropped: 3 } }]);
    expect(end.containers).toMatchObject([{ killed: false, exit: { code: 1 } }]);
    ledger.destroy();
  });

  it('deleted a second time with less: a second SIGTERM changes nothing in the service, and SIGKILL comes sooner', async () => {
    await using kubelet = new Kubelet();
    const pod = await kubelet.run(plain({ drain: { ...drain, delayMs: 30_000 }, graceSeconds: 60 }));
    await within(patienceMs, 'readiness', pod.ready());
    void pod.delete();
    await pod.happens('SIGTERM', ({ type }) => type === 'signal');
    const end = await within(patienceMs, 'the end', pod.delete({ gracePeriodSeconds: 2 }));
    expect(end).toMatchObject({ graceSeconds: 2, containers: [{ killed: true }] });
    expect(pod.events.filter(({ type }) => type === 'signal')).toHaveLength(2);
    expect(end.durationMs).toBeLessThan(20_000);
  });
});
