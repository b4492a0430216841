import type { ProgressEvent } from '@graceful/handover/control';
import type { Result } from '../exit-code.js';
import { duration } from './duration.js';
import { printable } from './printable.js';

/** Whether it is an end of an upgrade, good or bad: what then became of it says the same, and more. */
export function endOf(event: ProgressEvent): 'success' | 'failed' | undefined {
  if (event.event !== 'stage') return undefined;
  return event.stage === 'success' || event.stage === 'failed' ? event.stage : undefined;
}

/** What happened, in words; of kinds that a later version may add, the whole. */
export function eventWords(event: ProgressEvent): string {
  switch (event.event) {
    case 'stage': {
      const detail = [
        event.generation === undefined ? undefined : `generation ${event.generation}`,
        event.text === undefined ? undefined : printable(event.text),
      ].filter((words) => words !== undefined);
      return [printable(event.stage), ...detail].join(', ');
    }
    case 'note':
      return printable(event.text);
    default:
      return printable(JSON.stringify(event));
  }
}

/** What became of it, in words. */
export function resultWords(what: string, { done, code, message }: Result, tookMs: number): string {
  const because = message === undefined ? '' : `: ${printable(message)}`;
  switch (done) {
    case 'ok':
      return `${what} done in ${duration(tookMs)}${because}`;
    case 'failed':
      return `${what} failed${code === undefined ? '' : ` (${printable(code)})`}${because}`;
    case 'refused':
      return `${what} refused${code === undefined ? '' : ` (${printable(code)})`}${because}`;
    case 'nobody':
      return `${what}: nobody there${because}`;
  }
}
