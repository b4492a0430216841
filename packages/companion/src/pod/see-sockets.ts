import type { Look, PortFigures } from '../kernel/port-watch.js';
import type { Instance } from './instance.js';

/** Ports whose figures are of interest: of those who are there, and of those who have left in order and may be looked for. */
export function portsOf(instances: readonly Instance[]): Set<number> {
  return new Set(instances.filter(isWatched).flatMap(({ ports }) => ports));
}

/** Let each instance have what the kernel tells of its ports; nobody, where two of them share one. */
export function seeSockets(instances: readonly Instance[], { ports, resets }: Look, now: number): void {
  const watched = instances.filter(isWatched);
  for (const instance of watched) {
    const isShared = watched.some(
      (other) =>
        other !== instance && !other.isGone && other.ports.some((port) => instance.ports.includes(port)),
    );
    const figures = instance.ports.map((port) => ports.get(port)).filter((port) => port !== undefined);
    if (isShared || figures.length === 0) {
      instance.sockets = undefined;
      continue;
    }
    see(instance, figures, resets, now);
  }
}

function see(
  instance: Instance,
  figures: readonly PortFigures[],
  resets: number | undefined,
  now: number,
): void {
  const sum = (key: keyof PortFigures) => figures.reduce((total, port) => total + port[key], 0);
  const listening = sum('listening');
  instance.sockets = { established: sum('established'), listening, busy: sum('busy') };
  if (sum('arrived') > 0) {
    // Probes of the kubelet are connections, too; who tells what comes does not count them.
    if (!instance.tellsConnections) instance.reached(now);
    if (!instance.tellsArrivals) instance.arrived(now);
  }
  if (listening > 0) {
    instance.wasListening = true;
    instance.resetsAtClose = undefined;
  } else if (instance.wasListening && instance.departure && resets !== undefined) {
    // A refused connection leaves nothing in the tables but the reset that it was sent.
    instance.resetsAtClose ??= resets;
    instance.lateArrivals = Math.max(instance.lateArrivals, resets - instance.resetsAtClose);
  }
}

/** The end of a process that was killed sends resets of its own; they are nobody's arrival. */
function isWatched({ ports, isGone, ending }: Instance): boolean {
  return ports.length > 0 && (!isGone || ending?.how === 'bye');
}
