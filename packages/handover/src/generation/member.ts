import { Socket } from 'node:net';
import type { Graceful, ShutdownReport } from '@graceful/core';
import type { HandoverKit, PendingListen } from '@graceful/core/handover';
import { HandoverError } from '../handover-error.js';
import { messageOf } from '../message-of.js';
import { Channel } from '../wire/channel.js';
import { assertInheritable, longestInheritanceLine } from '../wire/inheritable.js';
import {
  type FromGeneration,
  type FromParent,
  type Inheritance,
  type Json,
  parseFromParent,
  protocolVersion,
} from '../wire/messages.js';
import type { Membership } from './environment.js';
import { resumeSessions } from './tls-sessions.js';

/** What an app hands on, and takes. */
export interface StateHandover {
  /** What the next generation is to know: a JSON value. Called while this one serves on. */
  readonly save?: () => Json | undefined | Promise<Json | undefined>;
  /** Take what the one before saved; nothing listens before this is done. Throwing gives this generation up. */
  readonly restore?: (state: Json) => void | Promise<void>;
  /** The next generation did not come about: what `save` gave away is this one's again. */
  readonly undo?: () => void | Promise<void>;
}

/** Who started this process, and how things stand with them. */
export type Parent = 'supervisor' | 'process' | 'gone';

interface Service {
  readonly graceful: Graceful;
  readonly kit: HandoverKit;
}

/** What a process hears of those who started it. */
export interface MemberEvents {
  /** It is the one: told by its parent, or because that is no more. */
  readonly active: () => void;
}

/**
 * This process as one of a generation: it says hello, lets its service
 * prepare, listens when it is told, and leaves when another has taken over.
 */
export class Member {
  readonly generation: number;
  readonly #membership: Membership;
  readonly #channel: Channel;
  readonly #go: Promise<void>;
  readonly #welcomed: Promise<Inheritance>;
  readonly #listeners = new Set<MemberEvents>();
  #letGo: () => void = () => {};
  #refuse: (error: Error) => void = () => {};
  #welcome: (inheritance: Inheritance) => void = () => {};
  readonly #startedBy = process.ppid;
  /** Paths of Unix sockets are somebody else's as long as this is kept. */
  #lent: Disposable | undefined;
  #parentGone = false;
  #isWelcome = false;
  #service: Service | undefined;
  #state: StateHandover = {};
  #restored: Promise<void> | undefined;
  #said: 'hello' | 'prepared' | 'ready' = 'hello';
  #told: 'hello' | 'go' | 'active' = 'hello';
  #waiting = 0;
  #leaving = false;

  /**
   * @throws {@link HandoverError} `ERR_HANDOVER_ENVIRONMENT`
   */
  constructor(membership: Membership) {
    this.#membership = membership;
    this.generation = membership.generation;
    this.#go = new Promise((resolve) => {
      this.#letGo = resolve;
    });
    this.#welcomed = new Promise((resolve, reject) => {
      this.#welcome = resolve;
      this.#refuse = reject;
    });
    // Who never listens never asks.
    this.#welcomed.catch(() => {});
    this.#channel = new Channel(openChannel(membership.channel), longestInheritanceLine, {
      line: (line) => this.#hear(line),
      oversized: () => this.#onEnd(),
      end: () => this.#onEnd(),
    });
    this.#say({
      type: 'hello',
      v: protocolVersion,
      token: membership.token,
      generation: membership.generation,
      pid: process.pid,
    });
  }

  get parent(): Parent {
    // Its end is seen here before it is heard on the channel; a wrapper in between hides it.
    if (this.#membership.form === 'process' && process.ppid !== this.#startedBy) this.#onEnd();
    return this.#parentGone ? 'gone' : this.#membership.form;
  }

  /** The service of this process; the first one stands. */
  bind(graceful: Graceful, kit: HandoverKit): void {
    if (this.#service) return;
    this.#service = { graceful, kit };
    // They are those of whoever has started this process, until it is the one.
    this.#lent = kit.handOver();
    kit.inherit(this.#membership.sockets);
    kit.holdListen((pending) => this.#gate(pending));
    kit.onChange(() => this.#look());
    graceful.on('state', ({ state, reason }) => {
      if (state === 'starting' || state === 'ready') this.#look();
      else this.#onLeaving(reason);
    });
    graceful.on('report', (report) => this.#onReport(report));
    this.#look();
  }

  /** What the app hands on and takes; before it listens. */
  handOn(state: StateHandover): void {
    this.#state = state;
    this.#restored ??= this.#restore();
    this.#restored.catch(() => {});
  }

  listen(events: MemberEvents): void {
    this.#listeners.add(events);
    if (this.#told === 'active') events.active();
  }

  /** It needs this much longer, in milliseconds from now. */
  extend(ms: number): void {
    this.#say({ type: 'extend', ms });
  }

  async #restore(): Promise<void> {
    const { state } = await this.#welcomed;
    if (state !== undefined) await this.#state.restore?.(state);
  }

  async #gate({ name, server, ofProbes }: PendingListen): Promise<void> {
    // That of the probes is there from the first moment, when the app has only begun.
    if (!ofProbes) this.#waiting++;
    const held = this.#channel.hold();
    this.#look();
    try {
      const inheritance = await this.#welcomed;
      try {
        await this.#restored;
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        this.#say({
          type: 'fatal',
          reason: `it could not take the state that was handed on: ${why}`,
          code: 'state',
        });
        throw cause;
      }
      this.#look();
      await this.#go;
      resumeSessions(server, name, inheritance);
    } finally {
      if (!ofProbes) this.#waiting--;
      held[Symbol.dispose]();
    }
  }

  /** Say how far it has come, once it has. */
  #look(): void {
    if (!this.#service) return;
    const { graceful, kit } = this.#service;
    if (this.#said === 'hello' && this.#told === 'hello' && this.#waiting > 0 && kit.prepared) {
      // What was handed on is taken first, and may fail.
      void Promise.resolve(this.#restored).then(
        () => this.#sayPrepared(),
        () => {},
      );
    }
    if (this.#said !== 'ready' && this.#told !== 'hello' && graceful.state === 'ready') {
      // A turn later: an app that listens twice begins the second when the first is done.
      setImmediate(() => {
        if (this.#said === 'ready' || kit.pendingListens > 0 || graceful.state !== 'ready') return;
        this.#said = 'ready';
        const listeners = kit.listening().map(({ name, host, port, path }) => ({
          name,
          ...(host !== undefined && { host }),
          ...(port !== undefined && { port }),
          ...(path !== undefined && { path }),
        }));
        this.#say({ type: 'ready', listeners });
        this.#dropRest();
      });
    }
  }

  #sayPrepared(): void {
    // While the welcome is still on its way: it looks again then.
    if (this.#said !== 'hello' || !this.#isWelcome) return;
    this.#said = 'prepared';
    this.#say({ type: 'prepared' });
  }

  #hear(line: string): void {
    const parsed = parseFromParent(line);
    if (parsed.kind === 'message') this.#obey(parsed.message);
    // Of whoever started this process nothing is taken amiss: it may be newer.
  }

  #obey(message: FromParent): void {
    switch (message.type) {
      case 'welcome':
        if (this.#isWelcome) return;
        this.#isWelcome = true;
        this.#welcome(message);
        this.#look();
        return;
      case 'reject':
        this.#refuse(
          new HandoverError('ERR_HANDOVER_ENVIRONMENT', `Expected to be welcome, got: ${message.reason}.`),
        );
        return;
      case 'go':
        this.#goNow();
        return;
      case 'active':
        this.#activate();
        return;
      case 'save':
        void this.save().then((saved) => this.#say({ type: 'saved', ...saved }));
        return;
      case 'undo':
        // What it throws is the app's, and ends the process as anywhere in the app.
        void this.#state.undo?.();
        return;
      case 'drain':
        this.#leave(message.deadlineMs, ({ graceful, kit }) => {
          kit.handOver();
          void kit.leave(message.reason);
          return graceful;
        });
        return;
      case 'stop':
        this.#leave(message.deadlineMs, ({ graceful }) => {
          void graceful.shutdown(message.reason);
          return graceful;
        });
    }
  }

  /** What is to be handed on, or why it cannot be had. */
  async save(): Promise<{ state?: Json; error?: string }> {
    try {
      const state = await this.#state.save?.();
      if (state === undefined) return {};
      assertInheritable({ state });
      return { state };
    } catch (error) {
      return { error: messageOf(error) };
    }
  }

  #goNow(): void {
    if (this.#told !== 'hello') return;
    this.#told = 'go';
    this.#letGo();
  }

  #activate(): void {
    if (this.#told === 'active') return;
    this.#told = 'active';
    // Whoever is the one listens, whatever it was told before.
    this.#letGo();
    if (this.#membership.form === 'process') this.#takeLent();
    this.#dropRest();
    for (const { active } of this.#listeners) active();
  }

  #leave(deadlineMs: number | undefined, leave: (service: Service) => Graceful): void {
    this.#leaving = true;
    if (!this.#service) {
      // Nobody here knows how to leave better than the program itself.
      process.kill(process.pid, 'SIGTERM');
      return;
    }
    const graceful = leave(this.#service);
    if (deadlineMs !== undefined) graceful.shortenDeadline(deadlineMs);
  }

  #onReport({ verdict }: ShutdownReport): void {
    this.#say({ type: 'drained', verdict });
  }

  /** Whoever started this process is no more. */
  #onEnd(): void {
    if (this.#parentGone) return;
    this.#parentGone = true;
    if (this.#membership.form === 'supervisor') {
      this.#takeLent();
      // Nobody restarts it, nobody can reach it, and its sockets are nobody's.
      this.#leave(undefined, ({ graceful }) => {
        void graceful.shutdown('the supervisor is gone');
        return graceful;
      });
      return;
    }
    // It was given up before that.
    if (this.#leaving) return;
    // The one it was to replace serves no more: now everything depends on this one.
    this.#welcome({});
    this.#goNow();
    this.#activate();
  }

  /** Paths of Unix sockets are this process's own from now on, to be removed by it. */
  #takeLent(): void {
    this.#lent?.[Symbol.dispose]();
    this.#lent = undefined;
  }

  /** It listens on all that it wants, and is the one: what else it was given nobody listens on any more. */
  #dropRest(): void {
    if (this.#membership.form === 'supervisor' || this.#told !== 'active' || this.#said !== 'ready') return;
    this.#service?.kit.dropUnclaimed();
  }

  /** Told by somebody else to stop, or by an error: whoever started it must not leave for it, or needs another. */
  #onLeaving(reason: string | undefined): void {
    if (this.#leaving) return;
    this.#leaving = true;
    if (this.#told === 'active') this.#say({ type: 'leaving', ...(reason !== undefined && { reason }) });
    else
      this.#say({
        type: 'fatal',
        reason: `it was told to stop${reason === undefined ? '' : ` (${reason})`}`,
      });
  }

  #say(message: FromGeneration): void {
    this.#channel.send(message);
  }
}

function openChannel(fd: number): Socket {
  try {
    return new Socket({ fd, readable: true, writable: true });
  } catch (cause) {
    throw new HandoverError(
      'ERR_HANDOVER_ENVIRONMENT',
      `Expected descriptor ${fd} to be the channel that GRACEFUL_CHANNEL names, got ${(cause as Error).message}. ` +
        'A program in between has closed it, as `npm start` and `node --watch` do: start node itself.',
      { cause },
    );
  }
}
