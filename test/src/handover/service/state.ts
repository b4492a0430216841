import type { HandoverOptions } from '@graceful/handover';
import type { StateBehaviour } from '../config.js';
import { counter } from './routes.js';
import { tell } from './tell.js';

type State = NonNullable<HandoverOptions['state']>;

const forever = () => new Promise<never>(() => {});

/** What the service hands on: the number of requests that it and those before it have answered. */
export function stateOf({ save = 'counts', restore = 'takes', undo = 'tells' }: StateBehaviour): State {
  return {
    save() {
      if (save === 'throws') throw new Error('the store is locked');
      if (save === 'hangs') return forever();
      if (save === 'is too large') return 'x'.repeat(9 * 1024 * 1024);
      if (save === 'is large') return 'x'.repeat(7 * 1024 * 1024);
      if (save === 'is no JSON') return 1n as never;
      return { requests: counter.requests };
    },
    restore(state) {
      if (restore === 'throws') throw new Error('a state of another version');
      if (restore === 'hangs') return forever();
      if (typeof state === 'object' && state !== null && 'requests' in state)
        counter.requests = Number(state.requests);
      tell({ type: 'restored', state: typeof state === 'string' ? state.length : state });
      return undefined;
    },
    undo() {
      tell({ type: 'undone' });
      if (undo === 'throws') throw new Error('the store cannot be opened again');
      if (undo === 'hangs') return forever();
      return undefined;
    },
  };
}
