/**
 * Loaded before the app by `graceful run` (`node --import`): the service takes
 * part in hot upgrades without a line of code.
 *
 * @packageDocumentation
 */
import { joined } from './generation/joined.js';

restoreNodeOptions();
joined();

/** What the supervisor added is for this process alone, not for those that it starts. */
function restoreNodeOptions(): void {
  const { NODE_OPTIONS } = process.env;
  if (NODE_OPTIONS === undefined) return;
  const left = NODE_OPTIONS.split(' ').filter((option) => option !== `--import=${import.meta.url}`);
  if (left.length === 0) delete process.env['NODE_OPTIONS'];
  else process.env['NODE_OPTIONS'] = left.join(' ');
}
