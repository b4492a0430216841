import type { HookReport, ShutdownReport } from '@graceful/express';
import type { Outcome } from '../outcome.js';
import { line, path, rect, round, text, widthOf } from './elements.js';
import { type Lane, type Plot, right } from './plot.js';

const magnifiedWidth = 420;
const funnelHeight = 20;
const barHeight = 14;
const labelHeight = 20;

/**
 * The end, magnified: what runs between the last answer and the exit is
 * narrower than a pixel. `axisHeight`: how far above the lane its moment is.
 */
export function hooksLane(plot: Plot, { signalAt, exit }: Outcome, axisHeight: number): Lane {
  if (!exit.report) return { name: 'hooks', note: 'the log has no report', height: 34, draw: () => [] };
  const { closing, hooks } = placed(exit.report, signalAt);
  const from = right - magnifiedWidth;
  const x = (at: number) => from + ((at - closing) / (exit.at - closing)) * magnifiedWidth;
  return {
    name: 'hooks',
    note: `the last ${Math.round(exit.at - closing)} ms, magnified`,
    height: funnelHeight + barHeight + labelHeight,
    draw: (top) => {
      const y = top + funnelHeight;
      const bottom = y + barHeight;
      let free = from;
      return [
        path('funnel', `M${round(plot.x(closing))} ${top - axisHeight}H${right}V${bottom}H${from}V${y}Z`),
        ...hooks.flatMap(({ name, at, durationMs }) => {
          const words = `${name} ${durationMs.toFixed(1)} ms`;
          const wordsAt = Math.max(free, x(at));
          free = wordsAt + widthOf(words, 11) + 14;
          return [
            rect('closing', [x(at), y], [x(at + durationMs) - x(at), barHeight], 2),
            text('note', [wordsAt, bottom + 15], words),
          ];
        }),
        line('axis', [from, bottom], [right, bottom]),
        text('note', [right, bottom + 15], 'exit', 'end'),
      ];
    },
  };
}

/** A report says how long each hook took: those of `close` begin with the state `closing`, those of `flush` end with it. */
function placed(
  { states, hooks }: ShutdownReport,
  signalAt: number,
): { closing: number; hooks: (HookReport & { at: number })[] } {
  const begin = (name: string) => signalAt + (states.find(({ state }) => state === name)?.afterMs ?? 0);
  const flush = hooks.filter(({ phase }) => phase === 'flush');
  const closing = begin('closing');
  return {
    closing,
    hooks: [
      ...inARow(
        hooks.filter(({ phase }) => phase === 'close'),
        closing,
      ),
      ...inARow(flush, begin('stopped') - sum(flush)),
    ],
  };
}

function inARow(hooks: readonly HookReport[], from: number): (HookReport & { at: number })[] {
  return hooks.map((hook, index) => ({ ...hook, at: from + sum(hooks.slice(0, index)) }));
}

function sum(hooks: readonly HookReport[]): number {
  return hooks.reduce((total, { durationMs }) => total + durationMs, 0);
}
