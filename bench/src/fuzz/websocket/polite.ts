import { setTimeout as pause } from 'node:timers/promises';
import type { Kind, Visit } from '../protocol.js';
import type { Random } from '../random.js';
import { Talk } from './talk.js';

/** A client that came back for ever would be a hang of its own. */
const most = 50;

interface Manner {
  readonly name: string;
  /** Of each number that the service sends. */
  bytes?(random: Random): number;
  /** Until it is told, or goes. */
  talk(talk: Talk, random: Random): Promise<void>;
}

const manners: readonly Manner[] = [
  { name: 'listens', talk: (talk) => talk.closed },
  {
    name: 'asks and asks',
    async talk(talk, random) {
      while (talk.isOpen) {
        talk.say('x'.repeat(random.between(1, 2_000)));
        await pause(random.between(0, 15));
      }
    },
  },
  {
    name: 'large messages',
    bytes: (random) => random.between(10_000, 100_000),
    talk: (talk) => talk.closed,
  },
  {
    name: 'slow reader',
    bytes: (random) => random.between(5_000, 50_000),
    async talk(talk, random) {
      while (talk.isOpen) {
        talk.pause();
        await pause(random.between(5, 60));
        talk.resume();
        await pause(random.between(5, 20));
      }
    },
  },
  {
    name: 'goes by itself',
    async talk(talk, random) {
      await Promise.race([talk.closed, pause(random.between(0, 120))]);
    },
  },
];

async function comeBack(visit: Visit, { bytes, talk: doTalk }: Manner): Promise<void> {
  const { random, over } = visit;
  for (let turn = 0; turn < most && !over.aborted; turn++) {
    const talk = await Talk.open(visit, bytes?.(random));
    if (!talk) return;
    await doTalk(talk, random);
    talk.close();
    await talk.closed;
    await pause(random.between(0, 20));
  }
}

/** Clients of WebSockets to whom all messages and a close frame are owed. */
export const politeWebSockets: readonly Kind[] = manners.map(
  (manner): Kind => ({
    name: `WebSocket: ${manner.name}`,
    manners: 'good',
    visit: (visit) => comeBack(visit, manner),
  }),
);
