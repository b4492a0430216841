import { keepAliveClient, type KeepAlivePlan } from './keep-alive-client.js';
import { type Outcome, play } from './scenario.js';

export const race: KeepAlivePlan & { readonly connections: number; readonly rounds: number } = {
  connections: 60,
  rounds: 3,
  rttMs: 20,
  thinkMs: 40,
};

/** Long enough for each client to have posted several times, at moments that have nothing to do with each other. */
const leadMs = 500;

/** Kept-alive clients that post and think, and a SIGTERM in the middle. */
export async function keepAliveRace(id: string): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let round = 0; round < race.rounds; round += 1) {
    outcomes.push(
      await play(id, leadMs, (port, tally) =>
        Array.from({ length: race.connections }, () => keepAliveClient(port, race, tally)),
      ),
    );
  }
  return outcomes;
}
