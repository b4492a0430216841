import { type Command, type Notice, type Posted, sharedNow } from '../harness/protocol.js';

/** What is held until the harness says go, by its name. A release that comes first is remembered. */
const held = new Map<string, PromiseWithResolvers>();

interface PromiseWithResolvers {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function hold(id: string): PromiseWithResolvers {
  const known = held.get(id);
  if (known) return known;
  let resolve!: () => void;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  const made = { promise, resolve };
  held.set(id, made);
  return made;
}

/** Tell the harness. Without one (a service started by hand) nobody is told. */
export function tell(notice: Notice): void {
  process.send?.({ at: sharedNow(), notice } satisfies Posted);
}

/** Resolves when the harness releases `id`. */
export function released(id: string): Promise<void> {
  return hold(id).promise;
}

/** Obey the harness from now on. */
export function obey(on: { listen(): void; ready(): void }): void {
  process.on('message', (command: Command) => {
    switch (command.type) {
      case 'release':
        return hold(command.id).resolve();
      case 'listen':
        return on.listen();
      case 'ready':
        return on.ready();
      case 'crash':
        return crash(command.how);
    }
  });
  // Nothing of the harness may keep the service alive, or stand in its report.
  process.channel?.unref();
}

function crash(how: 'throw' | 'reject'): void {
  const error = Object.assign(new Error('boom: nobody catches this'), { code: 'E_BOOM' });
  if (how === 'reject') void Promise.reject(error);
  else {
    setImmediate(() => {
      throw error;
    });
  }
}
