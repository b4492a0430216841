import { lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { HandoverError } from '../handover-error.js';

/** What a supervisor is called where nobody has given it a name. */
export const defaultName = 'service';

/** A file name everywhere, and a word in every shell. */
const names = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;

/**
 * Where the control socket of the supervisor `name` may be, the place where a
 * new one goes first: below `$XDG_RUNTIME_DIR`, where that is a folder of
 * ours (XDG Base Directory Specification); else `/run` for root, and the
 * folder for temporary files for everybody else.
 *
 * @throws {@link HandoverError} `ERR_HANDOVER_OPTION`
 */
export function controlPlaces(
  name: string = defaultName,
  environment: NodeJS.ProcessEnv = process.env,
): readonly [string, ...string[]] {
  if (!names.test(name)) {
    throw new HandoverError(
      'ERR_HANDOVER_OPTION',
      `Expected the name of a supervisor to be up to 64 letters, digits, "-", "_" and ".", and not to begin with "." or "-", got ${JSON.stringify(name)}.`,
    );
  }
  const uid = process.geteuid?.() ?? 0;
  const file = `${name}.sock`;
  const without = uid === 0 ? join('/run', 'graceful', file) : join(tmpdir(), `graceful-${uid}`, file);
  const runtime = environment['XDG_RUNTIME_DIR'];
  return runtime !== undefined && isAbsolute(runtime) && ownedBy(uid, runtime)
    ? [join(runtime, 'graceful', file), without]
    : [without];
}

/** After `su` the variable may still name the folder of who we were. */
function ownedBy(uid: number, folder: string): boolean {
  try {
    return lstatSync(folder).uid === uid;
  } catch {
    return false;
  }
}
