import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { withoutPersonal } from '../generation/environment.js';
import { type Launch, missingFor, missingScript } from '../generation/launch.js';
import { describeExit, type Exit } from '../generation/state.js';
import { messageOf } from '../message-of.js';
import { StageFailure } from '../upgrade/upgrade.js';

/** Tells an app that it is started only to see whether it could be. */
const checkVariable = 'GRACEFUL_CHECK';

/** Whether everything that is to be started is there: a missing file is told by its name. */
export function assertPresent(launch: Launch, isThisProgram: boolean): void {
  const missing = missingFor(launch) ?? (isThisProgram ? missingScript(launch) : undefined);
  if (missing !== undefined) throw new StageFailure('precheck', missing);
}

/**
 * Start the new version only to see whether it could be, before anything
 * moves: a syntax error or a missing module shows here.
 *
 * @param checkMs - it must have exited with 0 by then
 * @param draining - aborted when nobody needs to know any more
 */
export async function tryOut(launch: Launch, checkMs: number, draining: AbortSignal): Promise<void> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), checkMs);
  const exit = await exitOf(launch, AbortSignal.any([late.signal, draining])).finally(() =>
    clearTimeout(timer),
  );
  if (exit.code === 0) return;
  if (draining.aborted) throw new StageFailure('aborted', 'the service was told to stop');
  const how = late.signal.aborted ? `was not done in ${checkMs} ms` : `exited ${describeExit(exit)}`;
  throw new StageFailure(
    'precheck',
    `the check of the new version ${how}; with ${checkVariable}=1 it must load, look at its configuration, and exit with 0`,
  );
}

async function exitOf(
  { command: [program, ...args], cwd, environment }: Launch,
  over: AbortSignal,
): Promise<Exit> {
  try {
    const child = spawn(program, args, {
      cwd,
      env: { ...withoutPersonal(environment), [checkVariable]: '1' },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const kill = () => void child.kill('SIGKILL');
    over.addEventListener('abort', kill, { once: true });
    try {
      const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      return { code, signal };
    } finally {
      over.removeEventListener('abort', kill);
    }
  } catch (error) {
    throw new StageFailure(
      'precheck',
      `the check of the new version could not be started: ${messageOf(error)}`,
    );
  }
}
