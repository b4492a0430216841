import { GracefulError, shown } from '../errors.js';
import { expectDuration, expectFunction, expectKnownKeys, expectName, longestTimerMs } from '../expect.js';
import type { Alarm, Clock } from '../lifecycle/clock.js';
import type { Emit } from '../lifecycle/lifecycle-events.js';
import { type Check, type CheckEvents, type CheckOptions, CheckRunner, type CheckResult } from './check.js';

interface Member {
  readonly runner: CheckRunner;
  readonly everyMs: number;
  alarm: Alarm | undefined;
}

/** The checks of one service, and their asking in the background. */
export class Checks {
  readonly #clock: Clock;
  readonly #emit: Emit<CheckEvents>;
  readonly #members = new Map<string, Member>();
  readonly #onPass: () => void;
  #stopped = false;

  /** @param onPass - told whenever a check turns to passing: the service may have become ready */
  constructor(clock: Clock, emit: Emit<CheckEvents>, onPass: () => void) {
    this.#clock = clock;
    this.#emit = emit;
    this.#onPass = onPass;
  }

  add(name: string, check: Check, options: CheckOptions = {}): Disposable {
    expectName('the name of a check', name);
    expectFunction(`the check ${shown(name)}`, check);
    const filled = withDefaults(name, options);
    if (this.#members.has(name)) {
      throw new GracefulError(
        'ERR_GRACEFUL_DUPLICATE_CHECK',
        `Expected a name of its own for each check, got ${shown(name)} twice. Give the second another name, or dispose the first.`,
      );
    }
    const runner = new CheckRunner(check, filled, this.#clock, (result, previous) => {
      if (result.status !== previous?.status && this.#members.has(name)) this.#onChange(name, result);
    });
    const member: Member = { runner, everyMs: filled.everyMs, alarm: undefined };
    this.#members.set(name, member);
    void this.#askAgain(member);
    return {
      [Symbol.dispose]: () => {
        if (this.#members.get(name) !== member) return;
        this.#members.delete(name);
        member.alarm?.cancel();
        // One that failed may have been the last that kept the service back.
        this.#onPass();
      },
    };
  }

  /** Whether each check has passed at least once: what a service waits for before it says that it has started. */
  get allPassed(): boolean {
    return [...this.#members.values()].every((member) => member.runner.last?.status === 'pass');
  }

  /** A result of each that still counts; waits for those that have none. Never rejects. */
  async results(): Promise<Map<string, CheckResult>> {
    const members = [...this.#members];
    const results = await Promise.all(members.map(([, member]) => member.runner.result()));
    return new Map(members.map(([name], index) => [name, results[index] as CheckResult]));
  }

  /** Ask no more in the background: what a departing service depends on may go before it does. */
  stop(): void {
    this.#stopped = true;
    for (const member of this.#members.values()) member.alarm?.cancel();
  }

  async #askAgain(member: Member): Promise<void> {
    await member.runner.ask();
    if (this.#stopped || ![...this.#members.values()].includes(member)) return;
    member.alarm = this.#clock.inBackground(member.everyMs, () => void this.#askAgain(member));
  }

  #onChange(name: string, result: CheckResult): void {
    if (this.#stopped) return;
    this.#emit('check', { name, ...result });
    if (result.status === 'pass') this.#onPass();
  }
}

function withDefaults(name: string, options: CheckOptions): Required<CheckOptions> {
  expectKnownKeys(`the options of check ${shown(name)}`, options, ['timeoutMs', 'everyMs', 'staleMs']);
  const { timeoutMs = 1_000, everyMs = 5_000 } = options;
  const { staleMs = Math.min(3 * everyMs + timeoutMs, longestTimerMs) } = options;
  for (const [key, value] of Object.entries({ timeoutMs, everyMs, staleMs })) {
    expectDuration(`\`${key}\` of check ${shown(name)}`, value);
  }
  return { timeoutMs, everyMs, staleMs };
}
