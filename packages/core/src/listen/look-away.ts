import { statSync } from 'node:fs';

/**
 * To be called after a `stat` that may have found a socket. `fs.realpathSync`
 * of Node 20 and 22 looks at what the `stat` before it found where it should
 * look at a folder it knows, and stops there if that was a socket: the next
 * `require()` through a symlink, such as any in pnpm's node_modules, does not
 * find its dependencies.
 */
export function lookAway(): void {
  statSync('/');
}
