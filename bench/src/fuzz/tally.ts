import { tallyHttp1 } from './http1/tally.js';
import type { Tally, Witness } from './protocol.js';
import type { Trial } from './suite.js';

/** What all clients with manners came to, whatever they speak, once the service has gone. */
export function tallyAll(trial: Trial, witnesses: readonly Witness[]): Tally {
  const tallies = [tallyHttp1(trial), ...witnesses.map((witness) => witness.tally(trial))];
  const sum = (of: (tally: Tally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
  return {
    connections: sum(({ connections }) => connections),
    answered: sum(({ answered }) => answered),
    refused: sum(({ refused }) => refused),
    messages: sum(({ messages }) => messages),
    withdrawn: sum(({ withdrawn }) => withdrawn),
    lost: tallies.flatMap(({ lost }) => lost),
    violations: tallies.flatMap(({ violations }) => violations),
  };
}
