import type { SupervisorOptions } from '@graceful/handover/supervisor';
import type { Printer } from './presenter.js';
import { jsonLine, printable } from './printable.js';

type Logger = Exclude<NonNullable<SupervisorOptions['logger']>, false>;
type Level = 'info' | 'warn' | 'error';

/** What `graceful run` says, beside what the service itself prints: a line each, or a JSON object each. */
export function runLog(out: Printer, json: boolean): Logger {
  const method = (level: Level) => (fields: object, message: string) => {
    out.write(json ? asJson(level, fields, message) : `graceful: ${printable(message)}\n`);
  };
  return { info: method('info'), warn: method('warn'), error: method('error') };
}

function asJson(level: Level, fields: object, msg: string): string {
  const plain = Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? value.message : value]),
  );
  return `${jsonLine({ time: new Date().toISOString(), level, ...plain, msg })}\n`;
}
