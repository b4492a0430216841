import { describe, expect, it } from 'vitest';
import { CompanionProcess, PodFolder } from '../src/companion/companion-process.js';

const budgets = { delayMs: 0, requestsMs: 5_000, hooksMs: 1_000 };
const hold = { minMs: 200, quietMs: 100, maxMs: 20_000 };

describe.concurrent('a pod with a companion', () => {
  it('leaves with its service, and has a receipt for it', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder, { expect: [{ name: 'orders' }], hold });
    expect(await companion.probe('/readyz')).toMatchObject({
      status: 503,
      body: { waitsFor: ['orders has not registered'] },
    });
    const orders = await companion.join({ budgets });
    expect(orders.registered).toMatchObject({ epoch: 1, state: 'starting', pod: 'running' });
    await orders.says({ ready: true, inFlight: 1, served: 10 });
    expect(await companion.probe('/readyz')).toMatchObject({ status: 200 });

    // The platform ends the pod: our own hook, and that of the service, side by side.
    const marked = await companion.ask('POST', '/v1/drain', { reason: 'pod' });
    expect(marked).toMatchObject({ status: 202, body: { id: expect.any(String) } });
    const held = companion.probe('/hold?container=orders');
    expect(await orders.hears('lame-duck')).toMatchObject({ reason: 'pod', remainingMs: expect.any(Number) });
    await orders.says({ inFlight: 0, served: 11, lastArrivalMs: 0 });
    expect(await held).toMatchObject({ status: 200, body: { released: 'quiet', container: 'orders' } });

    // It is let go: its signal comes.
    await orders.says({ state: 'lame-duck' });
    await orders.hears('deadline');
    await orders.says({ state: 'draining' });
    expect(await companion.probe('/readyz')).toMatchObject({ status: 503 });
    const { status, body } = await orders.bye({
      verdict: 'clean',
      exitCode: 0,
      requests: { served: 1, dropped: 0 },
    });
    expect(status).toBe(200);
    expect(body.receipt).toMatchObject({
      kind: 'graceful.receipt',
      seq: 1,
      pod: 'orders-1',
      podUid: 'uid-1',
      name: 'orders',
      reason: 'pod',
      verdict: 'clean',
      exit: { how: 'bye' },
    });
    orders.vanishes();
    await companion.until('gone', 'orders');
    expect(await companion.state()).toMatchObject({ pod: 'done', instances: [{ state: 'exited' }] });
    expect(await companion.scrape()).toContain(
      `graceful_companion_in_flight{name="orders",id="${orders.id}"} 0`,
    );

    companion.signal('SIGTERM');
    expect(await companion.exit()).toMatchObject({ code: 0, signal: null });
    expect(folder.receipts).toMatchObject([{ verdict: 'clean', hash: body.receipt.hash }]);
    expect(companion.stderr).toBe('');
  });
});
