import { spawnSync } from 'node:child_process';
import { env } from './foreground.js';

/** Which version of a proxy this machine has, or `undefined` where it has none. */
export function versionOf(proxy: 'nginx' | 'haproxy'): string | undefined {
  const { stdout, stderr, status } = spawnSync(proxy, ['-v'], { env, encoding: 'utf8' });
  // HAProxy says it on its standard output, nginx on the other.
  return status === 0 ? /(?:version |nginx\/)([\d.]+)/.exec(stdout + stderr)?.[1] : undefined;
}
