import { type Look, PortWatch } from './kernel/port-watch.js';
import type { Clock } from './pod/clock.js';
import type { Pod } from './pod/pod.js';
import { portsOf, seeSockets } from './pod/see-sockets.js';

/** Asked again sooner, the kernel would hardly tell anything else. */
const freshMs = 10;
/** What a probe may be told of: several of them may come at once, from anywhere. */
const probeFreshMs = 500;

/** Lets a pod see what the kernel tells of its ports. */
export class Looks {
  readonly #pod: Pod;
  readonly #clock: Clock;
  readonly #watch = new PortWatch();
  #last: { readonly at: number; readonly look: Look | undefined } = { at: -Infinity, look: undefined };

  constructor(pod: Pod, clock: Clock) {
    this.#pod = pod;
    this.#clock = clock;
  }

  /** Whether there is anything to see. */
  get isWanted(): boolean {
    return portsOf(this.#pod.instances).size > 0;
  }

  look(): void {
    this.#look(freshMs);
  }

  /** Whether somebody listens on `port`; `undefined` where the kernel does not tell. */
  listens(port: number): boolean | undefined {
    const figures = this.#look(probeFreshMs)?.ports.get(port);
    return figures && figures.listening > 0;
  }

  #look(mostAgeMs: number): Look | undefined {
    const now = this.#clock.monotonicMs();
    if (now - this.#last.at < mostAgeMs) return this.#last.look;
    const ports = portsOf(this.#pod.instances);
    const look = ports.size > 0 ? this.#watch.look(ports) : undefined;
    if (look) seeSockets(this.#pod.instances, look, now);
    this.#last = { at: now, look };
    return look;
  }
}
