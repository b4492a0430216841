import { GracefulError, shown } from '../errors.js';
import { hookPhases, type RegisteredHook } from './hook.js';

type Hooks = ReadonlyMap<string, RegisteredHook>;

/**
 * Find what could never run: hooks that wait for each other, or for a later
 * phase. A name that is not registered yet is an error only when the list is
 * said to be complete.
 *
 * @throws {@link GracefulError} `ERR_GRACEFUL_HOOK_CYCLE`, `ERR_GRACEFUL_HOOK_UNKNOWN`
 */
export function assertOrder(hooks: Hooks, list: 'so far' | 'complete'): void {
  for (const hook of hooks.values()) {
    for (const name of hook.after) {
      const other = hooks.get(name);
      if (other) assertPhases(hook, other);
      else if (list === 'complete') throw unknown(hook, name, hooks);
    }
  }
  for (const hook of hooks.values()) assertNoCycle(hook, hooks, []);
}

function assertPhases(hook: RegisteredHook, other: RegisteredHook): void {
  if (hookPhases.indexOf(other.phase) <= hookPhases.indexOf(hook.phase)) return;
  throw new GracefulError(
    'ERR_GRACEFUL_HOOK_CYCLE',
    `Expected hook ${shown(hook.name)} of phase ${shown(hook.phase)} to come after hooks of its own or an earlier phase, ` +
      `got ${shown(other.name)} of the later phase ${shown(other.phase)}. Move one of them.`,
  );
}

function assertNoCycle(hook: RegisteredHook, hooks: Hooks, path: readonly string[]): void {
  if (path.includes(hook.name)) {
    const circle = [...path.slice(path.indexOf(hook.name)), hook.name].map(shown).join(' after ');
    throw new GracefulError(
      'ERR_GRACEFUL_HOOK_CYCLE',
      `Expected hooks to have an order, got a circle: ${circle}. Take one \`after\` out of it.`,
    );
  }
  for (const name of hook.after) {
    const other = hooks.get(name);
    if (other) assertNoCycle(other, hooks, [...path, hook.name]);
  }
}

function unknown(hook: RegisteredHook, name: string, hooks: Hooks): GracefulError {
  const known = [...hooks.keys()].filter((key) => key !== hook.name).map(shown);
  return new GracefulError(
    'ERR_GRACEFUL_HOOK_UNKNOWN',
    `Expected \`after\` of hook ${shown(hook.name)} to name registered hooks, got ${shown(name)}. ` +
      (known.length > 0 ? `There are ${known.join(', ')}.` : 'There is no other hook.'),
  );
}

/** For each hook, how many hooks stand in the longest line that waits for it, itself included. */
export function longestLines(hooks: readonly RegisteredHook[]): Map<string, number> {
  const lines = new Map<string, number>();
  const lineOf = (hook: RegisteredHook): number => {
    const seen = lines.get(hook.name);
    if (seen !== undefined) return seen;
    const waiting = hooks.filter((other) => other.after.includes(hook.name));
    const line = 1 + Math.max(0, ...waiting.map(lineOf));
    lines.set(hook.name, line);
    return line;
  };
  for (const hook of hooks) lineOf(hook);
  return lines;
}
