import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ShutdownReport } from '@graceful/core';
import { within } from '@graceful/conformance/client';

/** A line as pino writes it, and what `@graceful/core` puts into one. */
export interface LogLine {
  readonly msg: string;
  readonly state?: string;
  readonly check?: string;
  readonly cause?: string;
  readonly level?: number;
  /** Of a program that says where it listens. */
  readonly port?: number;
  readonly report?: ShutdownReport;
}

interface Waiting {
  readonly matches: (line: LogLine) => boolean;
  readonly resolve: (line: LogLine) => void;
  readonly reject: (error: Error) => void;
}

const patienceMs = 30_000;

/** The log of a service that has nothing but its log to say what it does. */
export class LogLines {
  readonly all: LogLine[] = [];
  readonly #waiting = new Set<Waiting>();
  readonly #patienceMs: number;
  #ended: string | undefined;

  constructor(stdout: Readable, howPatientMs: number = patienceMs) {
    this.#patienceMs = howPatientMs;
    createInterface({ input: stdout }).on('line', (text) => {
      const line = parse(text);
      this.all.push(line);
      for (const waiting of this.#waiting) if (waiting.matches(line)) waiting.resolve(line);
    });
  }

  /** No more will come. */
  end(why: string): void {
    this.#ended = why;
    for (const { reject } of this.#waiting) reject(new Error(why));
  }

  /** The first line that matches, past or to come. */
  async until(what: string, matches: (line: LogLine) => boolean): Promise<LogLine> {
    const past = this.all.find(matches);
    if (past) return past;
    if (this.#ended !== undefined) throw new Error(`no ${what}: ${this.#ended}`);
    let waiting: Waiting | undefined;
    const coming = new Promise<LogLine>((resolve, reject) => {
      waiting = { matches, resolve, reject };
      this.#waiting.add(waiting);
    });
    try {
      return await within(this.#patienceMs, what, coming);
    } finally {
      if (waiting) this.#waiting.delete(waiting);
    }
  }
}

/** Something else than JSON is the log's last word too, and a test that looks at it will say so. */
function parse(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { msg: text };
  }
}
