/**
 * Loaded before the app by `graceful run` (`node --import`): the service takes
 * part in hot upgrades without a line of code.
 *
 * @packageDocumentation
 */
import { isMainThread } from 'node:worker_threads';
import { joined } from './generation/joined.js';

restoreNodeOptions();
// A thread of the app is no process of its own.
if (isMainThread && joined()) outliveReaders();

/** What the supervisor added is for this process alone, not for those that it starts. */
function restoreNodeOptions(): void {
  const { NODE_OPTIONS } = process.env;
  if (NODE_OPTIONS === undefined) return;
  const left = NODE_OPTIONS.split(' ').filter((option) => option !== `--import=${import.meta.url}`);
  if (left.length === 0) delete process.env['NODE_OPTIONS'];
  else process.env['NODE_OPTIONS'] = left.join(' ');
}

/** Whoever read what the supervisor and its processes print has gone (EPIPE); that is no reason to end a service. */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
