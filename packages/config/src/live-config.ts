import { isDeepStrictEqual } from 'node:util';
import { ConfigError } from './config-error.js';
import { Debounce } from './debounce.js';
import { expectFunction, wrong } from './expect.js';
import { freeze } from './freeze.js';
import { eventNames, Listeners } from './listeners.js';
import { ConfigLog } from './log.js';
import { Looks } from './looks.js';
import { type ConfigFigures, type ConfigMetrics, registerConfigMetrics } from './metrics.js';
import type { ResolvedWatch } from './options.js';
import { type Content, readContent } from './read/content.js';
import { readError } from './read/read-error.js';
import { onReloadSignal } from './reload-signal.js';
import { parseContent } from './value/parse.js';
import { validate } from './value/validate.js';
import { within } from './value/within.js';
import type { ConfigEvents, LookCause, LookOutcome, WatchedConfig } from './watched-config.js';
import { PathWatcher } from './watch/path-watcher.js';

/** How many quiet times may pass until a change is looked at although it is never quiet. */
const mostQuietTimes = 10;

/** What is in force: one object, replaced by one assignment. */
interface InForce<Value> {
  readonly value: Value;
  readonly revision: number;
  readonly hash: string;
  readonly since: Date;
}

/** Where the rooms are put together: noticing, reading, judging, telling. */
export class LiveConfig<Value> implements WatchedConfig<Value> {
  readonly #options: ResolvedWatch<Value>;
  readonly #log: ConfigLog;
  readonly #listeners: Listeners<Value>;
  readonly #watcher: PathWatcher;
  readonly #debounce: Debounce;
  readonly #looks: Looks;
  readonly #metrics: ConfigMetrics | undefined;
  readonly #signal: Disposable | undefined;
  #inForce: InForce<Value> | undefined;
  #rejection: ConfigError | undefined;
  /** What was judged last, good or bad, by its hash; or what the system said instead of a content. */
  #judged: string | undefined;
  #lastSuccess = 0;
  #onFirst: (() => void) | undefined;
  #closed = false;

  constructor(options: ResolvedWatch<Value>) {
    const { name, source, path, watch, pollMs, debounceMs, signal, register } = options;
    this.#options = options;
    this.#log = new ConfigLog(name, options.logger);
    this.#listeners = new Listeners((failure) => this.#log.listenerFailed(failure));
    if (options.onChange) this.#listeners.add('change', options.onChange);
    if (options.onRejected) this.#listeners.add('rejected', options.onRejected);
    this.#looks = new Looks((cause) => this.#look(cause));
    this.#debounce = new Debounce(debounceMs, debounceMs * mostQuietTimes, () => this.#askAside('change'));
    this.#watcher = new PathWatcher({
      source,
      path,
      mode: watch,
      pollMs,
      onChange: () => this.#debounce.call(),
      onPolling: (why) => this.#log.polling(why, pollMs),
    });
    if (register) this.#metrics = registerConfigMetrics(register, name, this.#figures());
    // Before the first look: a signal that comes meanwhile must not end the process.
    if (signal !== false) this.#signal = onReloadSignal(signal, () => this.#askAside('signal'));
  }

  /**
   * Resolves when there is a value.
   *
   * @throws {@link ConfigError} why there is none, once nobody wants to wait any longer
   */
  async start(): Promise<void> {
    const outcome = await this.#looks.ask('start');
    if (outcome.result !== 'rejected') return;
    if (await this.#firstWithin(this.#options.waitMs)) return;
    this.close();
    throw this.#rejection ?? outcome.error;
  }

  get value(): Value {
    return this.#current.value;
  }

  get revision(): number {
    return this.#inForce?.revision ?? 0;
  }

  get hash(): string {
    return this.#current.hash;
  }

  get since(): Date {
    return this.#current.since;
  }

  get rejection(): ConfigError | undefined {
    return this.#rejection;
  }

  get noticedBy(): 'events' | 'polling' {
    return this.#watcher.noticedBy;
  }

  async reload(): Promise<LookOutcome> {
    this.#assertOpen();
    return this.#looks.ask('reload');
  }

  on<Name extends keyof ConfigEvents<Value>>(name: Name, listener: ConfigEvents<Value>[Name]): Disposable {
    if (!eventNames.includes(name))
      throw wrong(`the name of an event, one of ${eventNames.join(', ')},`, name);
    expectFunction(`the listener of "${name}"`, listener);
    return this.#listeners.add(name, listener);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#signal?.[Symbol.dispose]();
    this.#debounce[Symbol.dispose]();
    this.#watcher[Symbol.dispose]();
    this.#listeners[Symbol.dispose]();
    this.#metrics?.[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get #current(): InForce<Value> {
    // Nobody is handed this object before there is a value.
    return this.#inForce as InForce<Value>;
  }

  /** For those who do not wait for it: what comes of it is told to listeners, and logged. */
  #askAside(cause: LookCause): void {
    // It rejects only when it was closed meanwhile.
    this.#looks.ask(cause).catch(() => {});
  }

  async #firstWithin(ms: number): Promise<boolean> {
    if (ms === 0) return false;
    // Something must hold the event loop meanwhile: nothing else here does.
    const holding = setInterval(() => {}, 60_000);
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<boolean>((resolve) => {
        // It may have come while the first look was being answered.
        if (this.#inForce) return resolve(true);
        this.#onFirst = () => resolve(true);
        if (ms !== Infinity) timer = setTimeout(() => resolve(false), ms);
      });
    } finally {
      clearInterval(holding);
      clearTimeout(timer);
    }
  }

  async #look(cause: LookCause): Promise<LookOutcome> {
    const outcome = await this.#attempt(cause);
    this.#assertOpen();
    this.#metrics?.count(outcome);
    return outcome;
  }

  async #attempt(cause: LookCause): Promise<LookOutcome> {
    const { source, path, maxBytes } = this.#options;
    this.#assertOpen();
    let content: Content;
    try {
      await this.#watcher.arm();
      content = await readContent(source, path, maxBytes);
    } catch (error) {
      const refused = readError(error, path, source);
      return this.#judgedAlready(refused.message, cause) ?? this.#reject(refused, cause);
    }
    return this.#judgedAlready(content.hash, cause) ?? this.#judge(content, cause);
  }

  /** The same as last time is no news, unless somebody asks: then what the schema depends on may be other than it was. */
  #judgedAlready(what: string, cause: LookCause): LookOutcome | undefined {
    const isSame = this.#judged === what && cause === 'change';
    this.#judged = what;
    return isSame ? { result: 'unchanged', revision: this.revision } : undefined;
  }

  async #judge(content: Content, cause: LookCause): Promise<LookOutcome> {
    let value: Value;
    try {
      value = freeze(await this.#valueOf(content));
    } catch (error) {
      // What took too long may take less the next time.
      if ((error as ConfigError).code === 'ERR_CONFIG_TIMEOUT') this.#judged = undefined;
      return this.#reject(error as ConfigError, cause);
    }
    this.#assertOpen();
    return this.#apply(value, content.hash, cause);
  }

  /** @throws {@link ConfigError} */
  async #valueOf(content: Content): Promise<Value> {
    const { parse, schema, path, validateMs } = this.#options;
    const making = async () => validate(schema, await parseContent(content, parse, path), path);
    return within(
      validateMs,
      making(),
      () =>
        new ConfigError(
          'ERR_CONFIG_TIMEOUT',
          `Expected to know within ${validateMs} ms whether ${path} is good, got no answer from its \`parse\` and \`schema\`. Let them answer, or raise \`validateMs\`.`,
          { file: path },
        ),
    );
  }

  #apply(value: Value, hash: string, cause: LookCause): LookOutcome {
    const before = this.#inForce;
    const wasRejected = this.#rejection !== undefined;
    this.#rejection = undefined;
    this.#lastSuccess = Date.now() / 1_000;
    if (before && isDeepStrictEqual(value, before.value)) {
      if (wasRejected || cause !== 'change') this.#log.unchanged(before.revision, cause);
      return { result: 'unchanged', revision: before.revision };
    }
    const revision = this.revision + 1;
    this.#inForce = { value, revision, hash, since: new Date() };
    this.#log.applied(revision, hash, cause);
    if (before) {
      const change = Object.freeze({ value, previous: before.value, revision, hash, cause });
      this.#listeners.tell('change', change);
    } else this.#onFirst?.();
    return { result: 'applied', revision };
  }

  #reject(error: ConfigError, cause: LookCause): LookOutcome {
    this.#assertOpen();
    const { revision } = this;
    this.#rejection = error;
    this.#log.rejected(error, revision, cause);
    this.#listeners.tell('rejected', Object.freeze({ error, revision, cause }));
    return { result: 'rejected', revision, error };
  }

  #figures(): ConfigFigures {
    return {
      revision: () => this.revision,
      lastSuccess: () => this.#lastSuccess,
      rejected: () => this.#rejection !== undefined,
      hash: () => this.#inForce?.hash ?? '',
    };
  }

  /**
   * @throws {@link ConfigError} `ERR_CONFIG_CLOSED`
   */
  #assertOpen(): void {
    if (!this.#closed) return;
    throw new ConfigError(
      'ERR_CONFIG_CLOSED',
      `Expected ${this.#options.path} to be watched, got a look at it after close(). Watch it anew.`,
      { file: this.#options.path },
    );
  }
}
