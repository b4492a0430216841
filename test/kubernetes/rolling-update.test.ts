import { judgeReceipts } from '@graceful/companion/receipts';
import { describe, it } from 'vitest';
import { harm } from '../src/examples/harm.js';
import { rollUnderLoad } from '../src/kubernetes/rehearsed/roll.js';

// A minute each: the numbers are those of the manifests, and nothing is sped up.
describe.concurrent('the manifests, on an emulated node, rolled under load', { timeout: 300_000 }, () => {
  it.for(['alone', 'companion'] as const)('overlays/%s loses nothing', async (overlay, { expect: check }) => {
    const { clients, rolled, refused, receipts } = await rollUnderLoad(overlay);
    check(harm(clients)).toEqual([]);
    check(refused).toBe(0);
    check(clients.exchanges.length).toBeGreaterThan(1_000);
    if (overlay === 'companion')
      check(judgeReceipts(receipts ?? { receipts: [] }, { instances: 3 }).findings).toEqual([]);
    check(rolled.leastAvailable).toBe(3);
    check(rolled.replaced).toHaveLength(3);
    for (const { pod, end } of rolled.replaced) {
      check(end.durationMs, pod.name).toBeLessThan(end.graceSeconds * 1_000);
      for (const { name, exit, killed } of end.containers)
        check({ name, exit, killed }, pod.logs(name)).toEqual({ name, exit: { code: 0 }, killed: false });
    }
  });
});
