import type { Logger } from '@graceful/core';
import type { ConfigError } from './config-error.js';
import type { ListenerFailure, LookCause } from './watched-config.js';

/** What is said of one configuration, as log lines. */
export class ConfigLog {
  readonly #name: string;
  readonly #logger: Logger | false;

  constructor(name: string, logger: Logger | false = warnings) {
    this.#name = name;
    this.#logger = logger;
  }

  applied(revision: number, hash: string, cause: LookCause): void {
    this.#line('info', { revision, hash, cause }, `revision ${revision} is in force`);
  }

  /** Said only where somebody asked, or waits to hear that the file is in order again. */
  unchanged(revision: number, cause: LookCause): void {
    this.#line('info', { revision, cause }, `unchanged, revision ${revision} stays in force`);
  }

  rejected(error: ConfigError, revision: number, cause: LookCause): void {
    const { code, file, line, column, issues } = error;
    const stays = revision === 0 ? 'there is no value yet' : `revision ${revision} stays in force`;
    this.#line(
      'warn',
      { revision, cause, code, file, line, column, ...(issues.length > 0 && { issues }) },
      `rejected, ${stays}. ${error.message}`,
    );
  }

  polling(why: string, pollMs: number): void {
    this.#line('warn', { pollMs }, `looked at every ${pollMs} ms, as ${why}`);
  }

  listenerFailed({ error, from }: ListenerFailure): void {
    this.#line('error', { err: error, from }, `error from ${from}`);
  }

  #line(level: 'info' | 'warn' | 'error', fields: object, message: string): void {
    if (this.#logger)
      this.#logger[level]({ config: this.#name, ...fields }, `config ${this.#name}: ${message}`);
  }
}

/** Where no logger was given: what goes wrong must not go unseen. What the error is about stands in the message. */
const warnings: Logger = {
  info: () => {},
  warn: (_, message) => process.emitWarning(message, 'ConfigWarning'),
  error: (fields, message) => {
    const { err } = fields as { err?: unknown };
    const detail = err instanceof Error ? (err.stack ?? err.message) : String(err);
    process.emitWarning(message, { type: 'ConfigWarning', detail });
  },
};
