import type { AdaptiveDelay, DrainOptions, Graceful } from '@graceful/core';
import { expectFunction } from '../expect.js';
import type { WatchedConfig } from '../watched-config.js';
import { follow } from './follow.js';

/** Budgets as schemas tell of them: what may be left out may be `undefined`, too. */
export type FollowedDrain = {
  readonly [Key in keyof DrainOptions]: Key extends 'delayMs'
    ? number | AdaptiveDelay | undefined
    : number | undefined;
};

/**
 * Let the budgets of a shutdown follow the configuration, from now on, until
 * the shutdown begins. What is left out is as `createGraceful` was given it.
 * Disposing it leaves the budgets as they then are.
 *
 * @param select - the budgets; `undefined`: those that `createGraceful` was given
 * @throws GracefulError `ERR_GRACEFUL_OPTION` for bad budgets; later, that is an `error` of the configuration
 */
export function followDrain<Value>(
  config: WatchedConfig<Value>,
  graceful: Pick<Graceful, 'setDrain'>,
  select: (value: Value) => FollowedDrain | undefined,
): Disposable {
  expectFunction('what selects the drain budgets', select);
  return follow(config, (value) => graceful.setDrain(withoutGaps(select(value) ?? {})));
}

function withoutGaps(drain: FollowedDrain): DrainOptions {
  return Object.fromEntries(Object.entries(drain).filter(([, value]) => value !== undefined)) as DrainOptions;
}
