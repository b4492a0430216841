import { spawn } from 'node:child_process';
import { withoutPersonal } from '../generation/environment.js';
import { type Launch, missingFor, missingScript } from '../generation/launch.js';
import { describeExit } from '../generation/state.js';
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
 */
export function tryOut(launch: Launch, checkMs: number): Promise<void> {
  const [program, ...args] = launch.command;
  const child = spawn(program, args, {
    cwd: launch.cwd,
    env: { ...withoutPersonal(launch.environment), [checkVariable]: '1' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, checkMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(
        new StageFailure('precheck', `the check of the new version could not be started: ${error.message}`),
      );
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) {
        resolve();
        return;
      }
      const how = late ? `was not done in ${checkMs} ms` : `exited ${describeExit({ code, signal })}`;
      reject(
        new StageFailure(
          'precheck',
          `the check of the new version ${how}; with ${checkVariable}=1 it must load, look at its configuration, and exit with 0`,
        ),
      );
    });
  });
}
