import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Sender } from './sender.js';

/** systemd itself waits 5 s for its own answer (`BARRIER=1`); one that takes longer hangs. In milliseconds. */
const patienceMs = 10_000;

/**
 * By the program `systemd-notify`. It waits until its message was read, and so
 * is not gone before systemd asks whose it was; run by root it speaks in the
 * name of this process. For others the unit needs `NotifyAccess=all`
 * (systemd-notify(1)).
 */
export function commandSender(socket: string): Sender | undefined {
  const { PATH = '/usr/bin:/bin' } = process.env;
  const program = PATH.split(delimiter)
    .map((folder) => join(folder, 'systemd-notify'))
    .find(isExecutable);
  if (program === undefined) return undefined;
  return {
    name: 'systemd-notify',
    send: (message) =>
      new Promise((resolve, reject) => {
        const environment = { NOTIFY_SOCKET: socket, LC_ALL: 'C.UTF-8' };
        execFile(
          program,
          message.split('\n'),
          { env: environment, timeout: patienceMs, killSignal: 'SIGKILL' },
          (error, _stdout, stderr) => {
            if (error) reject(new Error(stderr.trim() || error.message, { cause: error }));
            else resolve();
          },
        );
      }),
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
