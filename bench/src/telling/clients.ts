import { setTimeout as pause } from 'node:timers/promises';
import type { Balancer, Instance } from './balancer.js';
import type { Books } from './books.js';
import { Line } from './line.js';

/** What a client needs to go on asking. */
export interface ClientParts {
  readonly balancer: Balancer;
  readonly books: Books;
  readonly tls: boolean;
  /** Between an answer and the next request; each wait is within ± half of it. */
  readonly thinkMs: number;
  readonly over: AbortSignal;
}

/** Takes a connection for one request, and has it back afterwards. */
interface Pool {
  take(): Line;
  giveBack(line: Line): void;
}

/** What is balanced are connections, as by a Kubernetes Service: a client keeps the one it got. */
export function ownLine({ balancer, books, tls }: ClientParts): Pool {
  let own: Line | undefined;
  return {
    take: () => {
      if (!own?.usable) own = new Line(balancer.pick(), tls, books);
      return own;
    },
    giveBack: () => {},
  };
}

/** What is balanced are requests, as by a reverse proxy: it keeps connections to each instance, the last used first. */
export function sharedLines({ balancer, books, tls }: Omit<ClientParts, 'thinkMs'>): Pool {
  const idle = new Map<Instance, Line[]>();
  const idleOf = (instance: Instance): Line[] => {
    const lines = idle.get(instance) ?? [];
    idle.set(instance, lines);
    return lines;
  };
  return {
    take: () => {
      const instance = balancer.pick();
      const lines = idleOf(instance);
      for (let line = lines.pop(); line; line = lines.pop()) if (line.usable) return line;
      return new Line(instance, tls, books);
    },
    giveBack: (line) => void (line.usable && idleOf(line.instance).push(line)),
  };
}

/** Ask and think until it is `over`. Who was not answered tries again at once. */
export async function goOn({ thinkMs, over }: ClientParts, pool: Pool): Promise<void> {
  const think = (): Promise<unknown> => pause(thinkMs * (0.5 + Math.random()));
  await think();
  while (!over.aborted) {
    const line = pool.take();
    const answered = await line.ask();
    pool.giveBack(line);
    if (answered) await think();
  }
}
