import { setTimeout as pause } from 'node:timers/promises';
import type { Connection, Manners } from './client/connection.js';
import { within } from './client/deadline.js';
import type { Exchange } from './client/exchange.js';
import { Ledger } from './client/ledger.js';
import type { ProcessEnd, Service } from './service.js';
import type { Requests } from './requests.js';
import type { Settings } from './settings.js';

/**
 * A client that was never told goes on for this long after the lame-duck, or
 * until the deadline has passed: some cut only then.
 */
const goesOnMs = { afterLameDuck: 2_500, afterDeadline: 500 };
const noticeMs = 10_000;

/** A row that is being played, as its scenario sees it. */
export class Play {
  readonly settings: Settings;
  readonly service: Service;
  /** Clients that want work done. */
  readonly clients: Ledger = new Ledger();
  /** Those who only look. */
  readonly observers: Ledger = new Ledger();
  readonly violations: string[] = [];
  /** Requests of which the service had a part at the signal: that the client could know of their end is no excuse. */
  readonly begun: Set<Exchange> = new Set<Exchange>();
  /** What is no request and was served all the same, or not: streams and sockets. */
  readonly others: { kept: number; lost: number } = { kept: 0, lost: 0 };
  /** What the row counts beside requests, by name. */
  readonly measures: Record<string, number> = {};
  /** When the signal was sent. */
  leftAt: number | undefined;
  /** How it ended, once a scenario has waited for that. */
  exit: ProcessEnd | 'never' | undefined;

  constructor(settings: Settings, service: Service) {
    this.settings = settings;
    this.service = service;
  }

  /** A request that the row needs; that it is given was seen to before. */
  need<Name extends keyof Requests>(name: Name): NonNullable<Requests[Name]> {
    const request = this.settings.requests[name];
    if (request === undefined) throw new Error(`Expected a row that is not played without requests.${name}.`);
    return request;
  }

  connect(manners?: Manners): Promise<Connection> {
    return this.clients.connect(this.service.address, manners);
  }

  /** Several connections, and half of them have been used. */
  async connectSome(count: number): Promise<Connection[]> {
    const connections = await Promise.all(Array.from({ length: count }, () => this.connect()));
    const used = connections.filter((_connection, index) => index % 2 === 1);
    await Promise.all(used.map((connection) => connection.send(this.need('quick')).settled()));
    return connections;
  }

  /**
   * Resolves when the service has read what was sent to it so far: what came
   * before this on another connection has come before its answer.
   */
  async noticed(): Promise<void> {
    const connection = await this.observers.connect(this.service.address);
    for (let turn = 0; turn < 2; turn++) {
      await within(noticeMs, 'an answer to requests.quick', connection.send(this.need('quick')).settled());
    }
    connection.close();
  }

  /** Resolves when the clients have had so many answers: the service is in the middle of its work. */
  warm(answers: number): Promise<void> {
    return within(noticeMs, `${answers} answers`, this.clients.answers(answers));
  }

  /** Ask the service to leave, or say so once more. */
  signal(): void {
    this.leftAt ??= performance.now();
    this.service.signal('SIGTERM');
  }

  /** Resolves so many milliseconds after the signal. */
  async after(ms: number): Promise<void> {
    const left = (this.leftAt ?? performance.now()) + ms - performance.now();
    if (left > 0) await pause(left);
  }

  /** The clients have gone on for long enough. */
  readonly enough = (): boolean => {
    const { lameDuckMs, deadlineMs = 0 } = this.settings.promises;
    const lastMs = Math.max(lameDuckMs + goesOnMs.afterLameDuck, deadlineMs + goesOnMs.afterDeadline);
    return this.leftAt !== undefined && performance.now() > this.leftAt + lastMs;
  };

  /** What `work` comes to, or `undefined` so many milliseconds after the signal. */
  async before<Result>(ms: number, work: Promise<Result>): Promise<Result | undefined> {
    const left = (this.leftAt ?? performance.now()) + ms - performance.now();
    const waiting = new AbortController();
    const late = pause(Math.max(left, 0), undefined, waiting).catch(() => undefined);
    try {
      return await Promise.race([work, late]);
    } finally {
      // A timer that goes on would hold this process.
      waiting.abort();
    }
  }

  /** Wait until the process has ended, or until so many milliseconds after the signal. */
  async untilExit(afterMs: number): Promise<ProcessEnd | undefined> {
    const end = await this.before(afterMs, this.service.ended);
    this.exit = end ?? 'never';
    return end;
  }

  /** Note whether something is as it should be, and go on either way. */
  check(holds: boolean, otherwise: string): void {
    if (!holds) this.violations.push(otherwise);
  }
}
