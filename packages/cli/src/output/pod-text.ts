import type { InstanceStatus, PodStatus } from '@graceful/companion/control';
import { duration } from './duration.js';
import { printable } from './printable.js';

/** How a pod is, for people: a line for it, and one for each drain and each instance. */
export function podText({ pod, epoch, drains, instances }: PodStatus): string {
  const again = epoch > 1 ? `, its companion started ${epoch} times` : '';
  const lines = [
    `pod: ${pod}${again}`,
    ...drains.map(({ reason, scope, remainingMs }) => {
      const whom = scope === undefined ? '' : ` of ${scope}`;
      return `  drain${whom} (${reason}): ${duration(remainingMs)} left`;
    }),
    ...instances.map(instanceLine),
  ];
  return lines.map((line) => `${line.startsWith('  ') ? '  ' : ''}${printable(line.trimStart())}\n`).join('');
}

function instanceLine(instance: InstanceStatus): string {
  const { name, container, state, pid, isConnected, inFlight, served, remainingMs, reason } = instance;
  const parts = [
    state,
    reason,
    pid === undefined ? undefined : `process ${pid}`,
    isConnected ? undefined : 'no stream',
    inFlight === undefined ? undefined : `${inFlight} in flight`,
    served === undefined ? undefined : `${served} served`,
    remainingMs === undefined ? undefined : `${duration(remainingMs)} left`,
  ];
  const where = container === name ? '' : ` (container ${container})`;
  return `  ${name}${where}: ${parts.filter((part) => part !== undefined && part !== '').join(', ')}`;
}
