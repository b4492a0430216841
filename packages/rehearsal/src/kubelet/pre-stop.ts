import type { RunningContainer } from '../runtime/runtime.js';
import type { ResolvedContainer } from '../spec/resolve.js';
import { agents, ask } from './http-get.js';
import { pause } from './pause.js';

/** A preStop hook that runs. */
export interface RunningHook {
  /** Resolves with `undefined` when it is done, or with why it failed. */
  readonly ended: Promise<string | undefined>;
}

/**
 * Run a container's preStop hook. It has no timeout of its own. What ends it
 * is the container's exit: an `exec` runs in the container, and `httpGet`
 * loses its server; a `sleep` is of the kubelet alone, and goes on.
 *
 * @param signal - nobody is interested any more, and there is nothing left to leave it to
 */
export function runPreStop(
  hook: NonNullable<ResolvedContainer['preStop']>,
  container: RunningContainer,
  signal: AbortSignal,
): RunningHook {
  return { ended: perform(hook, container, signal).catch((error: unknown) => (error as Error).message) };
}

async function perform(
  hook: NonNullable<ResolvedContainer['preStop']>,
  container: RunningContainer,
  signal: AbortSignal,
): Promise<string | undefined> {
  switch (hook.does) {
    case 'exec': {
      const code = await container.exec(hook.command, signal);
      return code === 0 ? undefined : `the command exited with ${code}`;
    }
    case 'httpGet': {
      // Whatever its status: that it was answered is all that counts.
      await ask({ get: hook.get, to: container.address(hook.get.port), agent: agents.hook, signal });
      return undefined;
    }
    case 'sleep':
      await pause(hook.seconds * 1_000, signal);
      return undefined;
  }
}
