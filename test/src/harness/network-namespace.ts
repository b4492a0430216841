import { spawnSync } from 'node:child_process';

const unshare = ['unshare', '--net', '--mount'];

/** Whether this machine lets us make a network namespace, and has `ip` (iproute2) to furnish it. */
export function canMakeNetworkNamespace(): boolean {
  const [command = '', ...args] = inNetworkNamespace('true', ['true']);
  return spawnSync(command, args).status === 0;
}

/**
 * Puts a command into a network of its own, with a loopback device and nothing
 * else. `furnish` is a line of shell that is run there before; mounts are of
 * that namespace, too.
 */
export function inNetworkNamespace(furnish: string, command: readonly string[]): readonly string[] {
  return [...unshare, '--', 'sh', '-ec', `ip link set lo up\n${furnish}\nexec "$@"`, 'sh', ...command];
}
