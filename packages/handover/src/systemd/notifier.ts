import type { Logger } from '@graceful/core';
import { messageOf } from '../message-of.js';
import { wrong } from '../options.js';
import { findSender } from './find-sender.js';
import type { Sender } from './sender.js';
import { takeServiceManager } from './service-manager.js';

/** systemd reads datagrams of 4096 bytes; a text leaves room for what stands beside it. In characters. */
const longestStatus = 500;

/** How a service speaks to systemd. */
export interface NotifierOptions {
  /**
   * Where `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` are read, and taken out.
   *
   * @defaultValue `process.env`
   */
  readonly environment?: NodeJS.ProcessEnv;
  /**
   * Hears when systemd waits and cannot be told; pino's shape.
   *
   * @defaultValue false
   */
  readonly logger?: Logger | false;
}

/**
 * Tells systemd how the service is (sd_notify(3)). Where no systemd asked to
 * be told (`NOTIFY_SOCKET`), all of it does nothing. Messages arrive in the
 * order in which they were given; a promise resolves when its message was
 * handed over, or could not be, and never rejects.
 */
export class Notifier {
  readonly #sender: Sender | undefined;
  readonly #logger: Logger | false;
  /** Within this time systemd wants to hear that the service is well, in milliseconds (`WatchdogSec=`). */
  readonly watchdogMs: number | undefined;
  #last: Promise<void> = Promise.resolve();
  #failing = false;
  #closed = false;

  /**
   * @throws HandoverError `ERR_HANDOVER_ENVIRONMENT`
   */
  constructor({ environment = process.env, logger = false }: NotifierOptions = {}) {
    this.#logger = logger;
    const manager = takeServiceManager(environment);
    if (!manager) return;
    this.watchdogMs = manager.watchdogMs;
    this.#sender = findSender(manager.socket);
    if (this.#sender || !logger) return;
    logger.error(
      { socket: manager.socket },
      'systemd waits to be told how this service is (NOTIFY_SOCKET), and there is no way to tell it: ' +
        'install systemd-notify, or run Node 26; else Type=notify ends in a timeout',
    );
  }

  /** Whether somebody listens, and can be reached. */
  get enabled(): boolean {
    return this.#sender !== undefined;
  }

  /** The way that messages take: `node:ffi` or `systemd-notify`. */
  get sender(): string | undefined {
    return this.#sender?.name;
  }

  /** It serves, for the first time or again after a reload. */
  ready(status?: string): Promise<void> {
    return this.send({ READY: 1, ...statusOf(status) });
  }

  /** It changes how it serves; {@link Notifier.ready} is to follow, whatever comes of it. */
  reloading(status?: string): Promise<void> {
    // systemd tells this reload from an older one by the clock: CLOCK_MONOTONIC, as hrtime is.
    return this.send({
      RELOADING: 1,
      MONOTONIC_USEC: process.hrtime.bigint() / 1_000n,
      ...statusOf(status),
    });
  }

  /** It ends. Not to be said by a process that another has replaced: systemd stops the whole unit. */
  stopping(status?: string): Promise<void> {
    return this.send({ STOPPING: 1, ...statusOf(status) });
  }

  /** A line for `systemctl status`. */
  status(text: string): Promise<void> {
    return this.send(statusOf(text));
  }

  /** Another process is the main one now. systemd must know it as one of the unit. */
  mainPid(pid: number): Promise<void> {
    if (!Number.isSafeInteger(pid) || pid < 1) throw wrong('`pid` to be the number of a process', pid);
    return this.send({ MAINPID: pid });
  }

  /** The start, the reload or the stop under way needs this much longer, from now on, in milliseconds. */
  extendTimeout(ms: number): Promise<void> {
    if (!Number.isFinite(ms) || ms <= 0) throw wrong('`ms` to be a number of milliseconds above 0', ms);
    return this.send({ EXTEND_TIMEOUT_USEC: Math.ceil(ms * 1_000) });
  }

  /**
   * Say at once, and then twice in each period of the watchdog, that the
   * service is well, as long as it is. Nothing where systemd does not ask.
   */
  keepAlive(isWell: () => boolean): Disposable {
    if (this.watchdogMs === undefined || !this.#sender) return { [Symbol.dispose]: () => {} };
    let underWay = false;
    const beat = () => {
      // One that waits behind others is as good as a second one.
      if (underWay || !isWell()) return;
      underWay = true;
      void this.send({ WATCHDOG: 1 }).then(() => {
        underWay = false;
      });
    };
    beat();
    const timer = setInterval(beat, this.watchdogMs / 2);
    timer.unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }

  /**
   * Any other fields of sd_notify(3), as one message.
   *
   * @throws HandoverError `ERR_HANDOVER_OPTION`
   */
  send(fields: Readonly<Record<string, string | number | bigint>>): Promise<void> {
    const lines = Object.entries(fields).map(([name, value]) => lineOf(name, value));
    if (lines.length === 0) throw wrong('fields to send', '{}');
    if (this.#sender && !this.#closed) {
      const sender = this.#sender;
      this.#last = this.#last.then(() => this.#pass(sender, lines.join('\n')));
    }
    return this.#last;
  }

  /** Take no more; resolves when everything that was said has been handed over. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }

  async #pass(sender: Sender, message: string): Promise<void> {
    try {
      await sender.send(message);
      this.#failing = false;
    } catch (error) {
      // Once for a row of failures: the watchdog alone would fill the log.
      if (!this.#failing && this.#logger) {
        this.#logger.warn(
          { err: error, sender: sender.name },
          `systemd could not be told: ${messageOf(error)}`,
        );
      }
      this.#failing = true;
    }
  }
}

/** A message is lines; what is no line would be two. */
function statusOf(text: string | undefined): { STATUS?: string } {
  if (text === undefined) return {};
  const line = text.replace(/\p{Cc}+/gu, ' ').trim();
  return { STATUS: line.length > longestStatus ? `${line.slice(0, longestStatus - 1)}…` : line };
}

function lineOf(name: string, value: string | number | bigint): string {
  if (!/^[A-Z][A-Z0-9_]*$/.test(name))
    throw wrong('the name of a field to be capital letters, digits and _', name);
  const text = String(value);
  if (/[\n\0]/.test(text)) throw wrong(`the value of ${name} to be one line`, text);
  return `${name}=${text}`;
}
