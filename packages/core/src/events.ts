import { type Channel, channel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import type { ConnectionEvents } from './drain/connection.js';
import type { LifecycleEvents } from './lifecycle/lifecycle-events.js';
import type { CheckEvents } from './probes/check.js';

/** Everything that can be watched, with what a listener is given. */
export interface GracefulEvents extends LifecycleEvents, ConnectionEvents, CheckEvents {}

/** The name of an event. */
export type GracefulEventName = keyof GracefulEvents;

const channels: Record<GracefulEventName, Channel> = {
  state: channel('graceful:state'),
  connection: channel('graceful:connection'),
  check: channel('graceful:check'),
  hook: channel('graceful:hook'),
  signal: channel('graceful:signal'),
  error: channel('graceful:error'),
  report: channel('graceful:report'),
};

/** The names of all events. */
export const eventNames = Object.keys(channels) as GracefulEventName[];

/**
 * Hands events to listeners and to `diagnostics_channel`, under
 * `graceful:<event>`, so that tracing needs no patching. Whoever emits
 * decides; whoever listens only watches: what a listener throws becomes an
 * `error` event and changes nothing else.
 */
export class Events {
  // As many listeners as anybody likes: here they are no sign of a leak.
  readonly #emitter = new EventEmitter().setMaxListeners(0);
  #connectionListeners = 0;

  on<Name extends GracefulEventName>(
    name: Name,
    listener: (event: GracefulEvents[Name]) => void,
  ): Disposable {
    const onThrow = (error: unknown) => {
      if (name !== 'error') this.emit('error', { error, from: `a listener of "${name}"` });
    };
    const guarded = (event: GracefulEvents[Name]) => {
      try {
        const result: unknown = listener(event);
        // An asynchronous listener throws later.
        if (result instanceof Promise) result.catch(onThrow);
      } catch (error) {
        onThrow(error);
      }
    };
    this.#emitter.on(emitterName(name), guarded);
    this.#connectionListeners = this.#emitter.listenerCount('connection');
    return {
      [Symbol.dispose]: () => {
        this.#emitter.off(emitterName(name), guarded);
        this.#connectionListeners = this.#emitter.listenerCount('connection');
      },
    };
  }

  /**
   * How a room tells its events. Each is given the type of its own events
   * alone, so that none knows of the others'.
   */
  readonly emit = (name: GracefulEventName, event: GracefulEvents[GracefulEventName]): void => {
    this.#emitter.emit(emitterName(name), event);
    if (channels[name].hasSubscribers) channels[name].publish(event);
  };

  /** Whether anybody watches connections: they change their state with every request, and an event costs. */
  get connectionsWatched(): boolean {
    return this.#connectionListeners > 0 || channels.connection.hasSubscribers;
  }
}

/** Node's emitter throws an `error` that nobody listens to; ours is for watching only. */
function emitterName(name: GracefulEventName): string {
  return name === 'error' ? 'graceful error' : name;
}
