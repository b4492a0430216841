import type { ShutdownReport } from '@graceful/core';
import { limits } from '../protocol/wire.js';

/** The longest text that a companion takes for a reason, in characters. */
export const longestReason = 256;

/** Room for what is around the report in the body. */
const mostBytes = limits.bodyBytes - 64;

/** Of each list, where all of it is too much. */
const mostItems = 16;
const mostCharacters = 128;

/**
 * The report as a companion takes it: a service that has had a hundred errors
 * with long messages still gets its receipt.
 */
export function farewellOf(report: ShutdownReport): object {
  const told = { ...report, reason: report.reason.slice(0, longestReason) };
  if (Buffer.byteLength(JSON.stringify(told)) <= mostBytes) return told;
  return { ...(shortened(told) as object), shortened: true };
}

function shortened(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, mostCharacters);
  if (Array.isArray(value)) return value.slice(0, mostItems).map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shortened(member)]));
}
