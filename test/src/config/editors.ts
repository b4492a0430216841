import {
  closeSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** How programs write a file that is there already. */
export type Save = (path: string, text: string) => void;

/** `>` of a shell, nano, and most programs: the same file, emptied and written. */
const inPlace: Save = (path, text) => writeFileSync(path, text);

/** Written beside it and renamed over it: `sed -i`, Ansible, most of what means to be careful. */
const renamedOver: Save = (path, text) => {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`);
  const file = openSync(temporary, 'w');
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
  renameSync(temporary, path);
};

/** vim with `backupcopy=no`: tries whether it may write there, moves the old one away, writes a new one, removes the old. */
const vim: Save = (path, text) => {
  const probe = join(dirname(path), '4913');
  closeSync(openSync(probe, 'w'));
  unlinkSync(probe);
  renameSync(path, `${path}~`);
  const file = openSync(path, 'wx');
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
  unlinkSync(`${path}~`);
};

/** In pieces, as over a slow connection. */
const inPieces: Save = (path, text) => {
  const file = openSync(path, 'w');
  for (const character of text) writeSync(file, character);
  closeSync(file);
};

/** Removed, and made again. */
const madeAnew: Save = (path, text) => {
  rmSync(path, { force: true });
  writeFileSync(path, text);
};

/** A link to another file, turned by a rename as `ln -sfn` and `mv -T` do; the path is a link before, too. */
const linkTurned: Save = (path, text) => {
  const target = `${path}.${process.hrtime.bigint()}`;
  writeFileSync(target, text);
  symlinkSync(basename(target), `${path}.new`);
  renameSync(`${path}.new`, path);
};

/** All of them, by what they are called in a test. */
export const saves: Readonly<Record<string, Save>> = {
  'in place': inPlace,
  'in pieces': inPieces,
  'renamed over': renamedOver,
  'as vim does it': vim,
  'removed and made anew': madeAnew,
  'a link that is turned': linkTurned,
};
