import type { Farewell } from '../protocol/wire.js';
import type { ReceiptBody, ReceiptHook, SeenDeparture } from './receipt.js';
import { droppedBy, verdictOf } from './verdict.js';

/** How many hooks a receipt names; all of them are in the report. */
const mostHooks = 32;

/** How deep a report may be; that of `@graceful/core` has 4. Whoever writes it, and whoever reads it, recurses. */
const deepest = 16;

/** The receipt of one departure, before it is entered into a book. */
export function receiptOf(seen: SeenDeparture): ReceiptBody {
  const { farewell, ...observed } = seen;
  return {
    kind: 'graceful.receipt',
    version: 1,
    ...observed,
    verdict: verdictOf(seen),
    // It alone knows which of its requests belong to the departure.
    served: count(farewell?.requests?.served) ?? seen.served,
    dropped: droppedBy(seen),
    forcedConnections: count(fieldOf(farewell?.['connections'], 'forced')) ?? 0,
    hooks: hooksOf(farewell),
    ...(farewell !== undefined && !isDeeperThan(deepest, farewell) && { report: farewell }),
  };
}

/** Of a report that somebody else wrote: what is there is taken, what is not is left out. */
function hooksOf(farewell: Farewell | undefined): ReceiptHook[] {
  const told = farewell?.['hooks'];
  if (!Array.isArray(told)) return [];
  return told.slice(0, mostHooks).flatMap((hook: unknown) => {
    const [name, phase, durationMs, result] = ['name', 'phase', 'durationMs', 'result'].map((key) =>
      fieldOf(hook, key),
    );
    if (typeof name !== 'string' || typeof result !== 'string') return [];
    return [
      {
        name,
        result,
        ...(typeof phase === 'string' && { phase }),
        ...(typeof durationMs === 'number' && { durationMs }),
      },
    ];
  });
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(levels - 1, member));
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}
