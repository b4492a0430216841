import { constants } from 'node:os';
import { expected } from './expected.js';

/** The longest that a timer of Node can wait: 2^31 - 1 ms, about 24.8 days. */
const longestTimerMs = 2_147_483_647;

/** @throws InvalidArgumentError with what was expected */
export function parseMs(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value <= longestTimerMs) return value;
  throw expected(`a number of milliseconds from 0 to ${longestTimerMs}`, text);
}

/** In milliseconds. */
const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * "500ms", "60s", "1.5m", "1h", in milliseconds.
 *
 * @throws InvalidArgumentError with what was expected
 */
export function parseDuration(text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const value = Number(digits) * (units[unit] ?? Number.NaN);
  // Zero is a slip here: no time is enough for anything.
  if (value > 0 && value <= longestTimerMs) return value;
  throw expected('a duration with its unit, such as 500ms, 60s, 5m or 1h', text);
}

/** @throws InvalidArgumentError with what was expected */
export function parseWorkers(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 1_024) return value;
  throw expected('a whole number from 1 to 1024', text);
}

/** @throws InvalidArgumentError with what was expected */
export function parseCount(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && Number.isSafeInteger(value)) return value;
  throw expected('a whole number from 1', text);
}

/** @throws InvalidArgumentError with what was expected */
export function parseGroup(text: string): number {
  const value = Number(text);
  // gid_t has 32 bits, and the last number means none (chown(2)).
  if (/^\d+$/.test(text) && value < 4_294_967_295) return value;
  throw expected('the number of a group, such as 1000', text);
}

/**
 * "TERM" and "SIGTERM", but not those that nobody can obey (signal(7)).
 *
 * @throws InvalidArgumentError with what was expected
 */
export function parseStopSignal(text: string): NodeJS.Signals {
  const name = text.startsWith('SIG') ? text : `SIG${text}`;
  const known = Object.hasOwn(constants.signals, name);
  if (known && name !== 'SIGKILL' && name !== 'SIGSTOP') return name as NodeJS.Signals;
  throw expected('the name of a signal that a program can obey, such as SIGTERM or SIGQUIT', text);
}
