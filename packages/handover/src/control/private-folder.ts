import { lstatSync, mkdirSync, statSync, type Stats } from 'node:fs';
import { HandoverError } from '../handover-error.js';

const forGroup = 0o020;
const forOthers = 0o002;

/**
 * Make `folder` for us alone where it does not exist. The folder above must.
 *
 * @throws {@link HandoverError} `ERR_HANDOVER_CONTROL_UNSAFE` for one that
 * exists and that somebody else owns or may write: they could put a socket of
 * theirs in the place of ours. `ERR_HANDOVER_CONTROL_LISTEN` where it cannot
 * be made.
 */
export function makePrivate(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const cause = error as NodeJS.ErrnoException;
    if (cause.code !== 'EEXIST') {
      throw new HandoverError(
        'ERR_HANDOVER_CONTROL_LISTEN',
        `Expected to make the folder ${folder} for the control socket, got ${cause.message}. ` +
          'Give another place with --control PATH, or none with --no-control.',
        { cause },
      );
    }
  }
  expectPrivate(
    folder,
    `Give a folder in it, which is then made with the mode 0700: --control ${folder}/graceful/control.sock`,
  );
}

/** @throws {@link HandoverError} `ERR_HANDOVER_CONTROL_UNSAFE`, and the system's error where there is no such folder */
export function expectPrivate(folder: string, advice = ''): void {
  const link = lstatSync(folder);
  const target = link.isSymbolicLink() ? statSync(folder) : link;
  const uid = process.geteuid?.() ?? 0;
  const why = unsafe(link, target, uid);
  if (why === undefined) return;
  throw new HandoverError(
    'ERR_HANDOVER_CONTROL_UNSAFE',
    `Expected ${folder} to be a folder of user ${uid} that nobody else may write, got ${why}: ` +
      `whoever can write there can put a socket of their own in the place of the control socket. ${advice}`.trimEnd(),
  );
}

function unsafe(link: Stats, target: Stats, uid: number): string | undefined {
  if (!target.isDirectory()) return 'something that is no folder';
  // A symlink in /tmp that somebody else has put there leads wherever they like.
  if (link.uid !== uid) return `one of user ${link.uid}`;
  if (target.uid !== uid) return `one of user ${target.uid}`;
  const mode = `the mode ${(target.mode & 0o7777).toString(8).padStart(4, '0')}`;
  if (target.mode & forOthers) return `${mode}, which lets everybody write`;
  if (target.mode & forGroup) return `${mode}, which lets group ${target.gid} write`;
  return undefined;
}
