import type { Kind, Protocol } from './protocol.js';
import { protocols } from './protocols.js';
import { Random } from './random.js';
import type { DrainConfig, ServiceConfig } from './suite.js';

/** Somebody who comes at some time. */
interface Visitor {
  readonly kind: Kind;
  /** After the service listens, in milliseconds. */
  readonly atMs: number;
  readonly random: Random;
}

/** All that is decided before a run; the same for the same seed. */
export interface Plan {
  readonly seed: number;
  readonly protocol: Protocol;
  readonly config: ServiceConfig & { readonly drain: DrainConfig };
  /** When SIGTERM comes, after the service listens, in milliseconds. */
  readonly signalAtMs: number;
  readonly visitors: readonly Visitor[];
}

/** How long the load may build up before the signal, in milliseconds. */
const mostBeforeMs = 250;

/** The longest lame-duck, in milliseconds. */
const lameDuckMs = 150;

/**
 * Far more than any request of a client with good manners takes, and what
 * clients with bad ones make a run last. In milliseconds.
 */
const requestsMs = 800;

export function protocolOf(seed: number): Protocol {
  return protocols[seed % protocols.length] as Protocol;
}

export function planOf(seed: number): Plan {
  const random = new Random(seed);
  const protocol = protocolOf(seed);
  const config = {
    drain: {
      delayMs: random.pick([
        0,
        random.between(1, lameDuckMs),
        random.between(1, lameDuckMs),
        { minMs: random.between(0, 40), maxMs: lameDuckMs, quietMs: 20 },
      ]),
      requestsMs,
      hooksMs: 500,
      idleMs: random.between(150, 300),
    },
    keepAliveMs: 5_000,
  };
  const signalAtMs = random.between(0, mostBeforeMs);
  const visit = (manners: Kind['manners']): Visitor => ({
    kind: random.pick(protocol.kinds.filter((kind) => kind.manners === manners)),
    // Some come when the service is about to leave, or has left.
    atMs: random.between(0, signalAtMs + lameDuckMs),
    random: random.fork(),
  });
  const many = (count: number, manners: Kind['manners']) =>
    Array.from({ length: count }, () => visit(manners));
  // In a third of the runs everybody has manners: then the departure must be clean.
  const rude = random.chance(1 / 3) ? 0 : random.between(1, 8);
  const visitors = [...many(random.between(4, 12), 'good'), ...many(rude, 'bad')];
  return { seed, protocol, config, signalAtMs, visitors };
}

/** The plan in a few lines, for whoever has to find out why. */
export function describePlan({ seed, protocol, config, signalAtMs, visitors }: Plan): string {
  const lines = visitors.map(({ kind, atMs }) => `  ${kind.name} at ${atMs} ms`);
  return [
    `seed ${seed}: ${protocol.name}, ${JSON.stringify(config.drain)}, SIGTERM at ${signalAtMs} ms`,
    ...lines,
  ].join('\n');
}
