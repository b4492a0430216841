import gracefulCore from '../contestants/graceful-core.js';
import { writeResults } from '../report/results.js';
import { connectionCpuMs } from './handshake.js';
import { type Figure, tellingSections } from './report.js';
import { grace, type Plan, play } from './run.js';

const plans: readonly Plan[] = (['connections', 'requests'] as const).flatMap((balanced) =>
  [0, 1_000, 5_000, 6_000].flatMap((lagMs) =>
    [0, 0.25, 0.5, 0.8, 1].map((part) => ({ balanced, lagMs, tellMs: part * grace.preDrainMs })),
  ),
);

const figures: Figure[] = [];
for (const plan of plans) {
  figures.push({ plan, outcome: await play(plan) });
  process.stderr.write(`telling: ${figures.length} of ${plans.length}\n`);
}
const cpuMs = { plain: await connectionCpuMs(false), tls: await connectionCpuMs(true) };
await writeResults('telling', 'When kept-alive clients are told', tellingSections(figures, cpuMs), [
  { ...gracefulCore, setup: '`listen`, budgets as by default but for `drain.tellMs`, no log' },
]);
