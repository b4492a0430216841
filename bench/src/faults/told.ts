import type { SupervisorStatus } from '@graceful/handover/supervisor';
import { until } from '../upgrade/processes.js';

/** A line of one of the services. */
interface Line {
  readonly stage?: string;
  readonly pid?: number;
  readonly failure?: { readonly message: string };
  readonly status?: SupervisorStatus;
}

/** All that the processes of a run have said, whoever said it. */
export class Told {
  /** Stages of upgrades, in the order in which they were told. */
  readonly stages: { readonly stage: string; readonly pid: number; readonly why: string }[] = [];
  /** What was no line of the services: nobody expects any. */
  readonly other: string[] = [];
  /** What the supervisor said of itself at last. */
  status: SupervisorStatus | undefined;
  #rest = '';

  readonly hear = (text: string): void => {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
  };

  /** All stages in a line. */
  get history(): string {
    return this.stages.map(({ stage, pid, why }) => `${pid} ${stage}${why}`).join(', ');
  }

  /** Resolves when an upgrade is in `stage`, or has come to an end, after the first `from` stages that were told. */
  async reaches(stage: string, from = 0): Promise<void> {
    const reached = [stage, 'success', 'failed'];
    const done = (): boolean => this.stages.slice(from).some((one) => reached.includes(one.stage));
    await until(`the stage ${stage}`, done);
  }

  #take(line: string): void {
    if (line === '') return;
    try {
      const { stage, pid = 0, failure, status } = JSON.parse(line) as Line;
      if (stage !== undefined) this.stages.push({ stage, pid, why: failure ? ` (${failure.message})` : '' });
      if (status) this.status = status;
    } catch {
      this.other.push(line);
    }
  }
}
