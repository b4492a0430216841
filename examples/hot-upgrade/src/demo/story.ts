import { EventEmitter } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** A line of the service's log, as far as this demo reads it. */
interface LogLine {
  readonly time: number;
  readonly pid: number;
  readonly state?: string;
  readonly stage?: string;
  readonly generation?: number;
  readonly failure?: { readonly stage: string; readonly message: string };
  readonly report?: { readonly verdict: string };
}

/** Something that happened to the service; `at` on the clock of `performance.now()`. */
export interface Happening {
  readonly at: number;
  readonly pid: number;
  readonly what: 'ready' | 'draining' | 'gone' | 'upgrade' | 'handed over' | 'upgrade failed';
  /** In words. */
  readonly detail: string;
}

/** What the generations of a service say, one log for all of them: each inherits it from the one before. */
export class Story {
  readonly happenings: Happening[] = [];
  readonly #events = new EventEmitter();

  constructor(log: Readable) {
    createInterface({ input: log }).on('line', (line) => this.#read(line));
  }

  /** Resolves when something like this is told from now on. */
  next(...what: Happening['what'][]): Promise<Happening> {
    return new Promise((resolve) => {
      // Kept until it comes: several lines may be told in one turn.
      const look = (happening: Happening) => {
        if (!what.includes(happening.what)) return;
        this.#events.off('happening', look);
        resolve(happening);
      };
      this.#events.on('happening', look);
    });
  }

  #read(line: string): void {
    const entry = parsed(line);
    const told = entry && happeningOf(entry);
    if (!told) return;
    const happening = { at: entry.time - performance.timeOrigin, pid: entry.pid, ...told };
    this.happenings.push(happening);
    this.#events.emit('happening', happening);
  }
}

function happeningOf({
  state,
  stage,
  generation,
  failure,
  report,
}: LogLine): Pick<Happening, 'what' | 'detail'> | undefined {
  if (report) return { what: 'gone', detail: `has left: shutdown ${report.verdict}` };
  if (failure)
    return {
      what: 'upgrade failed',
      detail: `generation ${generation} failed in "${failure.stage}": ${failure.message}`,
    };
  if (stage === 'precheck') return { what: 'upgrade', detail: `SIGUSR2: starts generation ${generation}` };
  if (stage === 'success')
    return { what: 'handed over', detail: `hands over to generation ${generation}, and drains` };
  if (state === 'ready') return { what: 'ready', detail: 'is ready, and serves' };
  if (state === 'draining')
    return { what: 'draining', detail: 'has closed its listener; finishes what it has' };
  return undefined;
}

function parsed(line: string): LogLine | undefined {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    // What a program says that cannot start is no line of a log.
    return undefined;
  }
}
