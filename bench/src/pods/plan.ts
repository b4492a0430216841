import { Random } from '../fuzz/random.js';

/** What a pod is made of. */
export type Topology = 'plain' | 'companion' | 'supervisor';

/** Who gets SIGKILL: the service's container, its companion's, a process below the supervisor, or nobody. */
export type Victim = 'app' | 'companion' | 'worker' | 'nobody';

/** All that is decided before a run; the same for the same seed. */
export interface Plan {
  readonly seed: number;
  readonly topology: Topology;
  readonly victim: Victim;
  /** While it serves, or after it was told to end. */
  readonly phase: 'serving' | 'leaving';
  /** How it is told to end. */
  readonly end: 'deletion' | 'eviction';
  /** SIGKILL comes so long after the phase began, in milliseconds. */
  readonly afterMs: number;
  /** So many requests are in hand that no grace is long enough for. */
  readonly stuck: number;
}

const victims: Readonly<Record<Topology, readonly Victim[]>> = {
  plain: ['app', 'app', 'app', 'nobody'],
  companion: ['app', 'app', 'companion', 'companion', 'companion', 'nobody'],
  supervisor: ['app', 'worker', 'worker', 'nobody'],
};

/** Somewhat beyond what each phase takes here, so that the end of it is met as often as its begin. */
const spansMs: Readonly<Record<Plan['phase'], Readonly<Record<Topology, number>>>> = {
  serving: { plain: 500, companion: 500, supervisor: 500 },
  leaving: { plain: 700, companion: 2_200, supervisor: 800 },
};

export function planOf(seed: number): Plan {
  const random = new Random(seed);
  // Every second one: the most can go wrong there.
  const topology = random.pick(['companion', 'companion', 'plain', 'supervisor'] as const);
  const phase = random.pick(['serving', 'leaving', 'leaving'] as const);
  return {
    seed,
    topology,
    victim: random.pick(victims[topology]),
    phase,
    end: random.chance(0.8) ? 'deletion' : 'eviction',
    afterMs: random.between(0, spansMs[phase][topology]),
    stuck: random.pick([0, 0, 1, 3]),
  };
}

export function describePlan({ seed, topology, victim, phase, end, afterMs, stuck }: Plan): string {
  return `seed ${seed}: ${topology}, SIGKILL to ${victim}, ${afterMs} ms into ${phase}, ${end}, ${stuck} stuck`;
}
