import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CompanionProcess, PodFolder } from '../src/companion/companion-process.js';
import { Member } from '../src/companion/member.js';

const budgets = { delayMs: 0, requestsMs: 5_000, hooksMs: 1_000 };

describe.concurrent('a companion that is restarted alone', () => {
  it('cancels nothing and drains nobody', async () => {
    using folder = new PodFolder();
    await using first = await CompanionProcess.start(folder);
    const orders = await first.join();
    await orders.says({ ready: true });
    first.signal('SIGTERM');
    expect(await first.exit()).toMatchObject({ code: 0, signal: null });
    await orders.streamEnded;
    expect(orders.told).toEqual(['hello']);

    await using second = await CompanionProcess.start(folder);
    expect(await second.state()).toMatchObject({ epoch: 2, pod: 'running' });
    const { id, token } = orders.registered;
    const again = await second.ask('POST', '/v1/instances', { name: 'orders', id, token });
    expect(again).toMatchObject({ status: 201, body: { epoch: 2, state: 'starting', pod: 'running' } });
    expect(await second.ask('GET', '/v1/receipts')).toMatchObject({ body: { receipts: [] } });
  });

  it('takes back what its own hook has said', async () => {
    using folder = new PodFolder();
    await using first = await CompanionProcess.start(folder);
    const orders = await first.join();
    await orders.says({ ready: true });
    await first.ask('POST', '/v1/drain', { reason: 'pod' });
    await orders.hears('lame-duck');
    first.signal('SIGTERM');
    await orders.hears('cancel');
    expect(await first.exit()).toMatchObject({ code: 0, signal: null });
    expect(orders.told).toEqual(['hello', 'lame-duck', 'cancel']);
    await using second = await CompanionProcess.start(folder);
    expect(await second.state()).toMatchObject({ epoch: 2, pod: 'running' });
  });

  it('is not alone when a service got its signal, too', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    const [orders, cart] = [
      await companion.join({ budgets }),
      await companion.join({ name: 'cart', budgets }),
    ];
    companion.signal('SIGTERM');
    await companion.log.until('the signal', ({ msg }) => msg.startsWith('SIGTERM'));
    await orders.says({ state: 'lame-duck' });
    expect(await cart.hears('lame-duck')).toMatchObject({ reason: 'pod' });
    await orders.leavesClean();
    await cart.leavesClean();
    expect(await companion.exit()).toMatchObject({ code: 0, signal: null });
    expect(folder.receipts.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      'orders clean',
      'cart clean',
    ]);
  });

  it('is not alone when its hook ran and that of another is held', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder, { hold: { minMs: 1_500, maxMs: 1_500 } });
    const orders = await companion.join({ budgets });
    await companion.ask('POST', '/v1/drain', { reason: 'pod' });
    const held = companion.probe('/hold?container=orders');
    // Its hook does not wait, and so its own signal comes at once.
    companion.signal('SIGTERM');
    expect(await held).toMatchObject({ body: { released: 'cap' } });
    expect(orders.told).toEqual(['hello', 'lame-duck']);
    await orders.leavesClean();
    expect(await companion.exit()).toMatchObject({ code: 0 });
    expect(folder.receipts).toMatchObject([{ reason: 'pod', verdict: 'clean' }]);
  });

  it('goes at once when nobody is there', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    const orders = await companion.join();
    await orders.leavesClean();
    await companion.until('gone', 'orders');
    const at = performance.now();
    companion.signal('SIGTERM');
    expect((await companion.exit()).at - at).toBeLessThan(900);
  });
});

describe.concurrent('a companion that is killed', () => {
  it('while the pod ends, is followed by one that goes on with it', async () => {
    using folder = new PodFolder();
    await using first = await CompanionProcess.start(folder);
    await (await first.join({ budgets })).says({ ready: true });
    await first.ask('POST', '/v1/drain', { reason: 'pod', deadlineMs: 20_000 });
    first.signal('SIGKILL');
    await first.exit();

    await using second = await CompanionProcess.start(folder);
    expect(await second.state()).toMatchObject({
      epoch: 2,
      drains: [{ reason: 'pod', remainingMs: expect.toSatisfy((ms: number) => ms > 5_000 && ms < 20_000) }],
    });
    const orders = await Member.join(second.control, { name: 'orders', budgets });
    expect(orders.registered).toMatchObject({
      epoch: 2,
      pod: 'terminating',
      deadline: { remainingMs: expect.any(Number) },
    });
    await orders.hears('lame-duck');
    await orders.leavesClean();
    second.signal('SIGTERM');
    expect(await second.exit()).toMatchObject({ code: 0 });
    // The chain goes on where the one before had left it.
    expect(folder.receipts).toMatchObject([{ seq: 1, epoch: 2, verdict: 'clean' }]);
  });

  it('is followed by one that believes nothing of another pod, and nothing that is broken', async () => {
    using folder = new PodFolder();
    await using first = await CompanionProcess.start(folder, { podUid: 'another' });
    await first.ask('POST', '/v1/drain', { reason: 'pod' });
    first.signal('SIGKILL');
    await first.exit();
    await using second = await CompanionProcess.start(folder);
    expect(await second.state()).toMatchObject({ epoch: 1, pod: 'running', drains: [] });
    second.signal('SIGKILL');
    await second.exit();
    writeFileSync(join(dirname(folder.socket), 'state.json'), '{"version":1,"po');
    await using third = await CompanionProcess.start(folder);
    expect(await third.state()).toMatchObject({ epoch: 1, pod: 'running' });
  });

  it('keeps nobody from leaving: a state that cannot be written is a warning', async () => {
    using folder = new PodFolder();
    const stateFile = join(folder.path, 'nowhere', 'state.json');
    await using companion = await CompanionProcess.start(folder, { stateFile });
    await companion.log.until(
      'a warning',
      ({ level, msg }) => level === 40 && msg.includes('cannot be kept'),
    );
    await (await companion.join()).leavesClean();
    companion.signal('SIGTERM');
    expect(await companion.exit()).toMatchObject({ code: 0 });
  });
});
