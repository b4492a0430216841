import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { messageOf } from '../message-of.js';
import { Channel } from '../wire/channel.js';
import { longestInheritanceLine } from '../wire/inheritable.js';
import {
  type FromGeneration,
  type FromParent,
  type Inheritance,
  parseFromGeneration,
  protocolVersion,
} from '../wire/messages.js';
import {
  describeExit,
  type Exit,
  type Failure,
  next,
  outOfTurn,
  type ProcessEvent,
  type ProcessState,
  type ProcessStateName,
  spawned,
} from './state.js';
import { type Started, type StartParts, startProcess } from './start-process.js';

/** The longest line a process may say, in bytes. */
const longestLine = 65_536;

/** What a process gets beyond the time it was told, before SIGKILL, in milliseconds: for its report, and its exit. */
const lastWordsMs = 2_000;

/** What one process of a generation is started with. */
export interface ProcessParts extends StartParts {
  readonly inheritance: Inheritance;
  /** From the start until it is ready to listen, in milliseconds. */
  readonly readyMs: number;
  /** From the word to listen until it does, in milliseconds. */
  readonly listenMs: number;
  /** From SIGTERM to SIGKILL for one that was given up, in milliseconds. */
  readonly terminateMs: number;
  /** How one that does not speak the protocol is told to leave. */
  readonly stopSignal: NodeJS.Signals;
  readonly onState?: (state: ProcessState) => void;
  /** What is odd but harms nothing. */
  readonly onOddity?: (what: string) => void;
  /** It asked for more time, in milliseconds. */
  readonly onExtend?: (ms: number) => void;
}

/** What it came to: the process got there, or why not. */
export type Reached = { readonly ok: true } | { readonly ok: false; readonly failure: Failure };

/**
 * One process of a generation, from its start to its exit. What comes next is
 * decided in `state.ts`; here are the effects: the process, its channel, its
 * deadline, its end.
 */
export class GenerationProcess {
  readonly #parts: ProcessParts;
  readonly #token = randomBytes(16).toString('hex');
  readonly #watchers = new Set<() => void>();
  #state: ProcessState;
  #child: ChildProcess | undefined;
  #channel: Channel | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #kill: NodeJS.Timeout | undefined;
  #killAt = Infinity;
  #toldToLeave = false;
  #speaks = false;
  #foundReady = false;
  #saved: ((answer: { state?: Inheritance['state']; error?: string }) => void) | undefined;
  #status: { readonly text?: string; readonly inFlight?: number } = {};

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    this.#state = spawned(performance.now(), parts.readyMs);
    this.#watchDeadline();
    this.#start();
  }

  get state(): ProcessState {
    return this.#state;
  }

  /** `undefined` for one that could not be started. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Requests it works on, as it said last. */
  get inFlight(): number | undefined {
    return this.#status.inFlight;
  }

  /** What it said of itself last. */
  get text(): string | undefined {
    return this.#status.text;
  }

  /** Resolves when it has come to `name` or beyond, or will never. */
  async reaches(name: 'prepared' | 'ready'): Promise<Reached> {
    const order: readonly ProcessStateName[] =
      name === 'prepared' ? ['prepared', 'going', 'ready', 'active'] : ['ready', 'active'];
    for (;;) {
      const state = this.#state;
      if (order.includes(state.name)) return { ok: true };
      if (state.name === 'failed') return { ok: false, failure: state.failure };
      if (state.name === 'exited' || state.name === 'draining') {
        const failure = (state.name === 'exited' ? state.failure : undefined) ?? {
          code: 'aborted' as const,
          message: 'it was told to leave',
        };
        return { ok: false, failure };
      }
      await this.#change();
    }
  }

  /** Resolves when it is given up, or has exited, with what went wrong. */
  async ends(): Promise<Failure> {
    for (;;) {
      const state = this.#state;
      if (state.name === 'failed') return state.failure;
      if (state.name === 'exited') {
        return state.failure ?? { code: 'exit', message: `it exited ${describeExit(state.exit)}` };
      }
      await this.#change();
    }
  }

  /** Resolves when it serves no longer: it leaves, was given up, or has exited. */
  async leaves(): Promise<void> {
    const over: readonly ProcessStateName[] = ['draining', 'failed', 'exited'];
    while (!over.includes(this.#state.name)) await this.#change();
  }

  /** How it ended; settles on its exit, whoever else still holds its descriptors. */
  async exit(): Promise<Exit> {
    while (this.#state.name !== 'exited') await this.#change();
    return this.#state.exit;
  }

  go(): void {
    if (this.#state.name !== 'prepared') return;
    this.#move({ type: 'go', listenMs: this.#parts.listenMs });
    this.#say({ type: 'go' });
  }

  /** It serves, as somebody has found who asked it from outside. */
  noteReady(): void {
    // Nobody knows better than one that speaks for itself: it may only have begun.
    if (this.#speaks) return;
    this.#foundReady = true;
    this.#move({ type: 'plain-ready' });
  }

  /** It is the one from now on. */
  activate(): void {
    if (this.#state.name !== 'ready') return;
    this.#move({ type: 'activate' });
    // A program of another kind reads nothing.
    if (this.#speaks) this.#say({ type: 'active' });
  }

  /** Ask what it hands on; `undefined` for one that does not speak the protocol. */
  save(timeoutMs: number): Promise<{ state?: Inheritance['state']; error?: string } | undefined> {
    if (!this.#speaks || this.#state.name !== 'active') return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const settle = (answer: { state?: Inheritance['state']; error?: string }) => {
        clearTimeout(timer);
        this.#saved = undefined;
        if (this.#channel) this.#channel.limit = longestLine;
        resolve(answer);
      };
      const timer = setTimeout(() => settle({ error: `it said nothing in ${timeoutMs} ms` }), timeoutMs);
      this.#saved = settle;
      if (this.#channel) this.#channel.limit = longestInheritanceLine;
      void this.exit().then(() => settle({ error: 'it exited' }));
      this.#say({ type: 'save' });
    });
  }

  /** What was to take over did not come about: what was saved is its own again. */
  undoSave(): void {
    if (this.#speaks && this.#state.name === 'active') this.#say({ type: 'undo' });
  }

  /** Another has taken over. */
  drain(reason: string, deadlineMs: number): void {
    this.#leave({ type: 'drain', reason, deadlineMs });
  }

  /** The service ends. */
  stop(reason: string, deadlineMs: number): void {
    this.#leave({ type: 'stop', reason, deadlineMs });
  }

  /** Give it up: SIGTERM, and SIGKILL if it stays. What leaves already is left to leave. */
  abort(failure: Failure): void {
    this.#move({ type: 'fail', failure });
  }

  /** End it now. */
  kill(): void {
    if (this.#state.name !== 'exited') this.#child?.kill('SIGKILL');
  }

  #leave(message: Extract<FromParent, { type: 'drain' | 'stop' }>): void {
    const before = this.#state.name;
    if (before === 'exited' || before === 'failed') return;
    const killMs = (message.deadlineMs ?? this.#parts.terminateMs) + lastWordsMs;
    if (before === 'draining') {
      // It leaves already, and may have less time for it by now.
      if (performance.now() + killMs >= this.#killAt) return;
      if (this.#toldToLeave) this.#say(message);
      this.#killIn(killMs);
      return;
    }
    this.#move({ type: 'drain' });
    this.#toldToLeave = this.#speaks && (before === 'ready' || before === 'active' || before === 'going');
    if (this.#toldToLeave) this.#say(message);
    else this.#child?.kill(this.#parts.stopSignal);
    this.#killIn(killMs);
  }

  #start(): void {
    let started: Started;
    try {
      started = startProcess(this.#parts, this.#token);
    } catch (error) {
      this.#notStarted(error);
      return;
    }
    const { child, channel } = started;
    this.#child = child;
    child.once('error', (error) => {
      // Also told of a signal that could not be sent, to one that runs.
      if (child.pid === undefined) this.#notStarted(error);
      else this.#parts.onOddity?.(error.message);
    });
    child.once('exit', (code, signal) => this.#move({ type: 'exit', exit: { code, signal } }));
    if (!channel) return;
    this.#channel = new Channel(channel, longestLine, {
      line: (line) => this.#hear(line),
      oversized: (limit) => this.#breach(`a line of more than ${limit} bytes`),
      // Decided on the exit: a process it started may hold the channel, and outlive it.
      end: () => {},
    });
  }

  #notStarted(error: unknown): void {
    const message = `it could not be started: ${messageOf(error)}`;
    this.#move({ type: 'fail', failure: { code: 'spawn', message } });
    this.#move({ type: 'exit', exit: { code: null, signal: null } });
  }

  #hear(line: string): void {
    // A line of anybody's, as with s6's notification-fd: it is ready.
    if (!this.#speaks && !line.startsWith('{')) {
      this.#move({ type: 'plain-ready' });
      return;
    }
    const parsed = parseFromGeneration(line);
    switch (parsed.kind) {
      case 'message':
        this.#obey(parsed.message);
        return;
      case 'unknown':
        this.#parts.onOddity?.(`it said "${parsed.type}", which nobody here knows`);
        return;
      case 'garbage':
        this.#breach(parsed.why);
    }
  }

  #obey(message: FromGeneration): void {
    if (!this.#speaks && message.type !== 'hello') {
      this.#breach(`expected "hello" first, got "${message.type}"`);
      return;
    }
    switch (message.type) {
      case 'hello':
        this.#meet(message);
        return;
      case 'prepared':
      case 'ready':
        if (this.#foundReady) return;
        if (outOfTurn(this.#state, message.type)) {
          this.#outOfTurn(message.type);
          return;
        }
        this.#move({ type: message.type });
        return;
      case 'extend':
        this.#move({ type: 'extend', ms: message.ms });
        this.#parts.onExtend?.(message.ms);
        return;
      case 'status':
        this.#status = message;
        return;
      case 'saved':
        this.#saved?.(message);
        return;
      case 'fatal':
        this.#move({
          type: 'fail',
          failure: { code: message.code ?? 'fatal', message: `it cannot go on: ${message.reason}` },
        });
        return;
      case 'leaving':
        if (this.#state.name !== 'active') return;
        this.#toldToLeave = true;
        this.#move({ type: 'drain' });
        return;
      case 'drained':
      // Its exit follows, and only that counts.
    }
  }

  #meet({ v, token, generation }: Extract<FromGeneration, { type: 'hello' }>): void {
    if (this.#speaks) {
      this.#outOfTurn('hello');
      return;
    }
    if (v !== protocolVersion) {
      const message = `it speaks version ${v} of the protocol, and this process version ${protocolVersion}`;
      this.#say({ type: 'reject', reason: message });
      this.#move({ type: 'fail', failure: { code: 'version', message } });
      return;
    }
    if (token !== this.#token || generation !== this.#parts.generation) {
      this.#breach('a token or a generation that is not its own');
      return;
    }
    this.#speaks = true;
    this.#move({ type: 'hello' });
    this.#say({ type: 'welcome', v: protocolVersion, generation, ...this.#parts.inheritance });
    // Taken to serve before it could say a word: it has none to wait for.
    if (this.#foundReady) this.#say({ type: 'go' });
    if (this.#state.name === 'active') this.#say({ type: 'active' });
  }

  /** Late is no breach: it said so before it heard that it was given up. */
  #outOfTurn(word: string): void {
    const { name } = this.#state;
    if (name === 'failed' || name === 'exited' || name === 'draining') return;
    this.#breach(`"${word}" in the state "${name}"`);
  }

  #breach(what: string): void {
    // Of one that serves, odd words are no reason to end it: that would harm more than they do.
    if (this.#state.name === 'active') {
      this.#parts.onOddity?.(`it broke the protocol: ${what}`);
      return;
    }
    this.#move({
      type: 'fail',
      failure: { code: 'protocol', message: `it broke the protocol: ${what}` },
    });
  }

  #say(message: FromParent): void {
    this.#channel?.send(message);
  }

  /** The one place where the state changes. */
  #move(event: ProcessEvent): void {
    const previous = this.#state;
    const state = next(previous, event, performance.now());
    if (state === previous) return;
    this.#state = state;
    this.#watchDeadline();
    if (state.name === 'failed') this.#giveUp(previous.name);
    if (state.name === 'exited') {
      clearTimeout(this.#kill);
      this.#channel?.close();
    }
    if (state.name !== previous.name) this.#parts.onState?.(state);
    // Each takes itself out.
    for (const watcher of this.#watchers) watcher();
  }

  #watchDeadline(): void {
    clearTimeout(this.#deadline);
    const state = this.#state;
    if (!('deadline' in state)) return;
    const remainingMs = Math.max(0, state.deadline - performance.now());
    this.#deadline = setTimeout(() => {
      this.#move({ type: 'tick' });
      // Timers may ring a moment early.
      if (this.#state === state) this.#watchDeadline();
    }, Math.ceil(remainingMs));
  }

  #giveUp(before: ProcessStateName): void {
    const { terminateMs } = this.#parts;
    // One that has listened may hold requests; SIGTERM would have it wait for balancers first.
    const mayHoldRequests = this.#speaks && (before === 'going' || before === 'ready');
    if (mayHoldRequests) {
      this.#say({ type: 'drain', reason: 'the upgrade was given up', deadlineMs: terminateMs });
    } else this.#child?.kill(this.#speaks ? 'SIGTERM' : this.#parts.stopSignal);
    this.#killIn(terminateMs + (mayHoldRequests ? lastWordsMs : 0));
  }

  #killIn(ms: number): void {
    clearTimeout(this.#kill);
    this.#killAt = performance.now() + ms;
    this.#kill = setTimeout(() => this.kill(), ms);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const watcher = () => {
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }
}
