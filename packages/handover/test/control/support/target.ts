import {
  Progression,
  type ControlTarget,
  type SupervisorStatus,
  type UpgradeRequest,
} from '../../../src/control.js';

/** A target that does as the test says: each request is kept, with what its client watches. */
export class TestTarget implements ControlTarget {
  readonly asked: {
    readonly what: string;
    readonly request?: UpgradeRequest;
    readonly progress: Progression;
  }[] = [];
  #waiting: (() => void)[] = [];

  /** Resolves with the request number `index`, when it has come. */
  async request(index = 0): Promise<TestTarget['asked'][number]> {
    for (;;) {
      const asked = this.asked[index];
      if (asked) return asked;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  status(): SupervisorStatus {
    return {
      name: 'orders',
      pid: process.pid,
      startedAt: '2026-11-21T12:00:00.000Z',
      state: 'serving',
      generation: 1,
      sockets: [{ name: 'http', kind: 'tcp', host: '0.0.0.0', port: 3000 }],
      generations: [],
      zombies: 0,
    };
  }

  upgrade(request: UpgradeRequest): Progression {
    return this.#keep('upgrade', request);
  }

  rollback(): Progression {
    return this.#keep('rollback');
  }

  drain(): Progression {
    return this.#keep('drain');
  }

  stop(): Progression {
    return this.#keep('stop');
  }

  #keep(what: string, request?: UpgradeRequest): Progression {
    const progress = new Progression();
    this.asked.push({ what, progress, ...(request && { request }) });
    for (const wake of this.#waiting.splice(0)) wake();
    return progress;
  }
}
