import { monotonicMs } from '@graceful/test/config/protocol.js';
import { contestants } from './contestants.js';

/** What the process of a contestant says. */
export type Said =
  | { readonly type: 'ready' }
  | { readonly type: 'applied'; readonly n: unknown; readonly at: number }
  | { readonly type: 'bad' };

/*
 * The process of one contestant: `node watcher.js CONTESTANT FILE`.
 */
const [, , id, path = ''] = process.argv;
const contestant = contestants.find((each) => each.id === id);
if (!contestant)
  throw new TypeError(`Expected one of ${contestants.map((each) => each.id).join(', ')}, got ${id}`);

function say(said: Said): void {
  process.send?.(said);
}

// The channel holds the event loop, whatever the contestant does.
process.on('message', () => {});
await contestant.watch(path, {
  applied: (n) => say({ type: 'applied', n, at: monotonicMs() }),
  bad: () => say({ type: 'bad' }),
});
say({ type: 'ready' });
