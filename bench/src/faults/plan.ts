import { Random } from '../fuzz/random.js';

/** How the service is replaced. */
export type Form = 'in-process' | 'supervisor';

/** Who is killed: one that served before the upgrade, one that the upgrade started, or who holds the sockets. */
export type Victim = 'old' | 'new' | 'supervisor';

/** What a generation goes through, as `UpgradeNotice` names it. */
type Stage = 'precheck' | 'start' | 'handover' | 'healthcheck' | 'success';

/** All that is decided before a run; the same for the same seed. */
export interface Plan {
  readonly seed: number;
  readonly form: Form;
  readonly victim: Victim;
  /** SIGKILL comes so long after this stage began, in milliseconds. */
  readonly stage: Stage;
  readonly afterMs: number;
}

/** Beyond what each stage takes here, so that the end of one is met as often as its begin, and the next one too. */
const spansMs: Readonly<Record<Stage, number>> = {
  precheck: 20,
  start: 900,
  handover: 30,
  healthcheck: 330,
  success: 300,
};

const victims: Readonly<Record<Form, readonly Victim[]>> = {
  'in-process': ['old', 'new'],
  supervisor: ['old', 'new', 'supervisor'],
};

export function planOf(seed: number): Plan {
  const random = new Random(seed);
  const form = random.pick(['in-process', 'supervisor'] as const);
  const stage = random.pick(Object.keys(spansMs) as Stage[]);
  return {
    seed,
    form,
    victim: random.pick(victims[form]),
    stage,
    afterMs: random.between(0, spansMs[stage]),
  };
}

export function describePlan({ seed, form, victim, stage, afterMs }: Plan): string {
  return `seed ${seed}: ${form}, SIGKILL to ${victim}, ${afterMs} ms into "${stage}"`;
}
