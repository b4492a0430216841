import { notifyVariables } from '../generation/environment.js';
import { HandoverError } from '../handover-error.js';

/** What a service manager told this process of how to reach it. */
export interface ServiceManager {
  /** `NOTIFY_SOCKET`: a path, or a name that begins with `@`, or what only `systemd-notify` understands. */
  readonly socket: string;
  /** Within this time it wants to hear that the service is well, in milliseconds; `undefined` where it does not ask. */
  readonly watchdogMs: number | undefined;
}

/** unix(7): `sun_path` has 108 bytes, the last of them for the NUL of a path. */
const longestPath = 107;

/**
 * Read what systemd set (sd_notify(3), sd_watchdog_enabled(3)), and take it
 * out of `environment`: what a program that is started later said would be
 * taken for the word of the service.
 *
 * @returns `undefined` where no service manager listens
 * @throws {@link HandoverError} `ERR_HANDOVER_ENVIRONMENT`
 */
export function takeServiceManager(environment: NodeJS.ProcessEnv): ServiceManager | undefined {
  const [socket, usec, pid] = notifyVariables.map((name) => environment[name]);
  for (const name of notifyVariables) delete environment[name];
  if (socket === undefined || socket === '') return undefined;
  assertAddress(socket);
  return { socket, watchdogMs: watchdogOf(usec, pid) };
}

function assertAddress(socket: string): void {
  // A machine's own service manager, asked from within a virtual machine (systemd 254).
  if (/^vsock(-[a-z]+)?:/.test(socket)) return;
  if (/^[/@]./s.test(socket) && Buffer.byteLength(socket) <= longestPath) return;
  throw new HandoverError(
    'ERR_HANDOVER_ENVIRONMENT',
    `Expected NOTIFY_SOCKET to be an absolute path, or "@" and a name, of at most ${longestPath} bytes, got ${JSON.stringify(socket)}. ` +
      'It is set by the service manager; unset it where there is none.',
  );
}

function watchdogOf(usec: string | undefined, pid: string | undefined): number | undefined {
  if (usec === undefined) return undefined;
  // sd_watchdog_enabled(3): it was meant for another process.
  if (pid !== undefined && pid !== String(process.pid)) return undefined;
  const value = Number(usec);
  if (Number.isSafeInteger(value) && value > 0) return value / 1_000;
  throw new HandoverError(
    'ERR_HANDOVER_ENVIRONMENT',
    `Expected WATCHDOG_USEC to be a whole number of microseconds from 1, got ${JSON.stringify(usec)}. It is set by the service manager (WatchdogSec=).`,
  );
}
