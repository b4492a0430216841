import {
  type ControlTarget,
  type Outcome,
  Progression,
  type ProgressEvent,
  type SupervisorStatus,
  type UpgradeRequest,
} from '@graceful/handover/control';

/** What a request is to see: what happens, and what becomes of it; without an outcome it goes on until the test says. */
export interface Script {
  readonly events?: readonly ProgressEvent[];
  readonly outcome?: Outcome;
}

/** Stands behind a control socket and plays what the test has written: what a supervisor does only now and then. */
export class ScriptedTarget implements ControlTarget {
  readonly asked: {
    readonly what: string;
    readonly request?: UpgradeRequest;
    readonly progress: Progression;
  }[] = [];
  readonly #script: Script;
  readonly #wake: (() => void)[] = [];

  constructor(script: Script = {}) {
    this.#script = script;
  }

  /** Resolves when it has been asked for something. */
  async begun(): Promise<Progression> {
    for (;;) {
      const last = this.asked.at(-1);
      if (last) return last.progress;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  status(): SupervisorStatus {
    return {
      name: 'orders',
      pid: process.pid,
      startedAt: new Date().toISOString(),
      state: 'serving',
      generation: 1,
      sockets: [{ name: 'http', kind: 'tcp', host: '127.0.0.1', port: 3000 }],
      generations: [],
      zombies: 0,
    };
  }

  upgrade(request: UpgradeRequest): Progression {
    return this.#play('upgrade', request);
  }

  rollback(): Progression {
    return this.#play('rollback');
  }

  drain(): Progression {
    return this.#play('drain');
  }

  stop(): Progression {
    return this.#play('stop');
  }

  #play(what: string, request?: UpgradeRequest): Progression {
    const progress = new Progression();
    this.asked.push({ what, progress, ...(request && { request }) });
    for (const event of this.#script.events ?? []) progress.tell(event);
    if (this.#script.outcome) progress.settle(this.#script.outcome);
    for (const wake of this.#wake.splice(0)) wake();
    return progress;
  }
}
