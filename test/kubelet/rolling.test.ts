import { describe, expect, it } from 'vitest';
import { within } from '@graceful/conformance/client';
import { type RolledUnderLoad, rollUnderLoad } from '../src/kubelet/rolling.js';
import { plain, reportsOf, supervised } from '../src/kubelet/templates.js';

/** The app goes on serving for longer than the network takes to believe that it is ending. */
const drainFor = (lagMs: number) => ({
  delayMs: lagMs + 1_500,
  requestsMs: 5_000,
  hooksMs: 1_000,
  idleMs: 4_000,
});
/** Lame-duck, requests and hooks together, and 3 s for what the kubelet rounds. */
const graceFor = (lagMs: number) => Math.ceil((lagMs + 1_500 + 5_000 + 1_000) / 1_000) + 3;
const timeout = 120_000;

/** Nobody noticed, and every pod left by itself, in time. */
function expectNothingLost({ complaints, answered, rolled, figures, story }: RolledUnderLoad): void {
  expect(complaints, story).toEqual([]);
  expect(figures, story).toMatchObject({ refused: {}, nowhere: 0 });
  expect(answered, story).toBeGreaterThan(50);
  expect(rolled.replaced).toHaveLength(2);
  expect(rolled.leastAvailable, story).toBe(2);
  for (const { pod, end } of rolled.replaced) {
    expect(end, story).toMatchObject({ phase: 'Succeeded', reason: 'deleted' });
    for (const { name, exit, killed } of end.containers)
      expect({ name, exit, killed }, `${pod.logs(name)}\n${story}`).toEqual({
        name,
        exit: { code: 0 },
        killed: false,
      });
    expect(end.durationMs, story).toBeLessThan(end.graceSeconds * 1_000);
  }
}

describe.each([0, 1_000, 5_000])(
  'a rolling replacement, of which the network hears %i ms late',
  { concurrent: true, timeout },
  (lagMs) => {
    const plan = { drain: drainFor(lagMs), graceSeconds: graceFor(lagMs) };

    it('loses nothing: a pod with the service alone', async () => {
      const result = await rollUnderLoad({ template: plain(plan), lagMs });
      expectNothingLost(result);
      for (const { pod } of result.rolled.replaced) {
        expect(reportsOf(pod)).toMatchObject([
          { verdict: 'clean', reason: 'SIGTERM', requests: { dropped: 0 } },
        ]);
      }
    });

    it('loses nothing: a pod with a supervisor, which was upgraded before', async () => {
      const result = await rollUnderLoad({
        template: supervised(plan),
        lagMs,
        before: async ([first]) => {
          if (first === undefined) throw new Error('Expected a pod.');
          first.signal('app', 'SIGUSR2');
          await within(30_000, 'the upgrade', logs(first, /generation 1 has left/));
        },
      });
      expectNothingLost(result);
      // One report of each generation: the one that was replaced in its pod, and those that left with theirs.
      const reports = result.rolled.replaced.flatMap(({ pod }) => reportsOf(pod));
      expect(reports).toHaveLength(3);
      for (const report of reports)
        expect(report).toMatchObject({ verdict: 'clean', requests: { dropped: 0 } });
    });
  },
);

/** Resolves when the log of the pod's service has it; nobody tells of a line. */
async function logs(pod: { logs(container: string): string }, pattern: RegExp): Promise<void> {
  while (!pattern.test(pod.logs('app'))) await new Promise((resolve) => setTimeout(resolve, 20));
}
