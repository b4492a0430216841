import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { within } from '@graceful/conformance/client';
import { quantile } from '../report/statistics.js';
import type { ConfigContestant } from './contestants.js';
import type { Said } from './watcher.js';

const program = fileURLToPath(new URL('watcher.js', import.meta.url));
const startMs = 20_000;

/** What became of the contents that were written, with one contestant. */
export interface Figures {
  readonly applied: number;
  /** Told of a content that it had taken over already. */
  readonly again: number;
  readonly outOfOrder: number;
  /** Told of something that was no content. */
  readonly bad: number;
  /** From before the write to the taking over, in milliseconds. */
  readonly delays: readonly number[];
  readonly died: boolean;
}

/** A contestant at work, and what it was seen to do. */
export class Witness {
  readonly contestant: ConfigContestant;
  readonly #child: ChildProcess;
  readonly #applied: { readonly n: number; readonly at: number }[] = [];
  #bad = 0;
  #died = false;

  static async start(contestant: ConfigContestant, path: string): Promise<Witness> {
    const witness = new Witness(contestant, path);
    await within(startMs, `${contestant.name} to watch`, witness.#ready());
    return witness;
  }

  private constructor(contestant: ConfigContestant, path: string) {
    this.contestant = contestant;
    this.#child = fork(program, [contestant.id, path], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    this.#child.on('exit', () => {
      this.#died = true;
    });
    this.#child.on('message', (said: Said) => {
      if (said.type === 'bad') this.#bad++;
      if (said.type === 'applied') this.#applied.push({ n: Number(said.n), at: said.at });
    });
  }

  async #ready(): Promise<void> {
    const [said] = (await Promise.race([
      once(this.#child, 'message'),
      once(this.#child, 'exit').then(([code]) => [`exit ${code}`]),
    ])) as [Said | string];
    if (typeof said === 'string') throw new Error(`${this.contestant.name}: ${said}`);
  }

  /**
   * @param writtenAt - when each content was written, by its number
   */
  figures(writtenAt: ReadonlyMap<number, number>): Figures {
    const seen = new Set<number>();
    let [again, outOfOrder, last] = [0, 0, 0];
    const delays: number[] = [];
    for (const { n, at } of this.#applied) {
      const written = writtenAt.get(n);
      if (written === undefined) continue;
      if (seen.has(n)) again++;
      else delays.push(at - written);
      if (n < last) outOfOrder++;
      seen.add(n);
      last = n;
    }
    return { applied: seen.size, again, outOfOrder, bad: this.#bad, delays, died: this.#died };
  }

  async end(): Promise<void> {
    if (this.#died) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}

function ms(value: number): string {
  return Number.isNaN(value) ? '–' : Math.round(value).toString();
}

/** Cells of a row: applied, again, out of order, bad, and how long it took. */
export function cells({ applied, again, outOfOrder, bad, delays, died }: Figures, of: number): string[] {
  const count = applied === of ? String(applied) : `**${applied}**`;
  return [
    died ? `${count}, then it died` : count,
    again === 0 ? '0' : `**${again}**`,
    outOfOrder === 0 ? '0' : `**${outOfOrder}**`,
    bad === 0 ? '0' : `**${bad}**`,
    ms(quantile(delays, 0.5)),
    ms(quantile(delays, 0.99)),
    ms(quantile(delays, 1)),
  ];
}
