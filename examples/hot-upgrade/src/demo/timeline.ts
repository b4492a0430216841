import type { Outcome } from './serving.js';

/** What happened, in the order of time, with the seconds since the first generation was ready. */
export function printTimeline({ happenings, generations }: Outcome): void {
  const zero = generations[0]?.readyAt ?? 0;
  for (const { at, pid, detail, what } of happenings) {
    const number = generations.find((generation) => generation.pid === pid)?.number;
    const who = number === undefined ? `pid ${pid}` : `generation ${number}`;
    const sign = what === 'upgrade failed' ? '✗' : what === 'ready' ? '●' : what === 'gone' ? '○' : ' ';
    console.log(`${((at - zero) / 1_000).toFixed(2).padStart(6)} s  ${sign} ${who.padEnd(14)} ${detail}`);
  }
}

/** What the clients saw; returns how much there is to complain of. */
export function printOutcome({ generations, ledger }: Outcome): number {
  console.log('\nAnswered by');
  for (const { number, pid, answers } of generations) {
    console.log(
      `  generation ${number} (pid ${pid}): ${answers.length.toLocaleString('en-US').padStart(7)} requests`,
    );
  }
  const { exchanges, lost, refusals, broken } = ledger;
  const slowest = exchanges.reduce(
    (most, { beganAt = 0, answeredAt = 0, request }) =>
      request.path === '/' ? Math.max(most, answeredAt - beganAt) : most,
    0,
  );
  console.log(
    `\n${exchanges.length.toLocaleString('en-US')} requests, ${lost.length} lost; ${refusals.length} connections refused, ${broken.length} broken; ` +
      `the slowest quick answer took ${slowest.toFixed(0)} ms`,
  );
  const harm = [
    ...lost.map((exchange) => exchange.describe()),
    ...refusals.map(({ at, code }) => `refused at ${at.toFixed(0)} ms: ${code}`),
    ...broken.map(({ end }) => `broken at ${end?.at.toFixed(0)} ms: ${end?.detail}`),
  ];
  for (const what of harm.slice(0, 20)) console.log(`  ${what}`);
  return lost.length + refusals.length + broken.length;
}
