import { setTimeout as sleep } from 'node:timers/promises';

/** How often to read what is changed meanwhile; whoever changes it will be heard of again anyway. */
const mostTries = 10;
const pauseMs = 20;

/** What `read` finds when nothing has changed meanwhile; after ten tries, what it has found last, if it has. */
export async function steady<Found>(
  signature: () => Promise<string>,
  read: () => Promise<Found>,
): Promise<Found> {
  let lastFound: (() => Found) | undefined;
  for (let tries = 1; ; tries++) {
    const before = await signature();
    const outcome = await outcomeOf(read);
    if ((await signature()) === before) return outcome.have();
    if (outcome.good) lastFound = outcome.have;
    if (tries === mostTries) return (lastFound ?? outcome.have)();
    await sleep(pauseMs);
  }
}

interface Outcome<Found> {
  readonly good: boolean;
  /** @throws what reading has thrown */
  readonly have: () => Found;
}

/** What came of it, to be had later: what is thrown may be the change itself, as when a file is gone. */
async function outcomeOf<Found>(read: () => Promise<Found>): Promise<Outcome<Found>> {
  try {
    const found = await read();
    return { good: true, have: () => found };
  } catch (error) {
    const have = () => {
      throw error;
    };
    return { good: false, have };
  }
}
