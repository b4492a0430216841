import { GracefulError, shown } from '../errors.js';
import { statOfDescriptor } from './socket-file.js';
import { whereaboutsOf } from './whereabouts.js';

/** A socket that this process was given, and that a server may adopt instead of binding its own. */
export interface InheritedSocket {
  /** What the giver calls it. */
  readonly name: string;
  /** Its descriptor in this process. */
  readonly fd: number;
  /** `unknown` where nobody told, and the system does not either: it can be found by its name alone. */
  readonly kind: 'tcp' | 'unix' | 'unknown';
  /** The address that it is bound to, of TCP. */
  readonly host?: string;
  /** The port, of TCP. */
  readonly port?: number;
  /** The path of a Unix socket; it begins with a NUL where it is abstract (unix(7)). */
  readonly path?: string;
  /** Length of the queue, where it is known; otherwise the longest there can be is asked for, so that it does not become shorter. */
  readonly backlog?: number;
  /** Given by one that listened where this service is to listen: the name alone does not make it the right one. */
  readonly sameService?: boolean;
  /** Whoever listens last removes the path. Otherwise the giver does: systemd, a supervisor. */
  readonly ownsPath?: boolean;
}

/** sd_listen_fds(3): SD_LISTEN_FDS_START. */
const firstDescriptor = 3;
const variables = ['LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_PID', 'LISTEN_PIDFDID'];
/** sd_listen_fds_with_names(3): of one that has no name. */
const nameless = 'unknown';

/**
 * The sockets that `LISTEN_FDS`, `LISTEN_FDNAMES` and `LISTEN_PID` of
 * `environment` speak of, as systemd and others hand them on (sd_listen_fds(3)).
 * The variables are taken out, whoever they are meant for: a program that the
 * service starts must not think that it is meant.
 *
 * @throws {@link GracefulError} `ERR_GRACEFUL_INHERITED`
 */
export function takeInheritedSockets(environment: NodeJS.ProcessEnv): InheritedSocket[] {
  const { LISTEN_FDS: count, LISTEN_FDNAMES: names, LISTEN_PID: pid } = environment;
  for (const name of variables) delete environment[name];
  // Meant for another: they came along from an ancestor, and its descriptors did not.
  if (count === undefined || pid !== String(process.pid)) return [];
  if (!/^\d{1,4}$/.test(count)) {
    throw wrong('LISTEN_FDS to be the number of descriptors that were passed', shown(count));
  }
  const fds = Array.from({ length: Number(count) }, (_none, index) => firstDescriptor + index);
  const given = names === undefined || names === '' ? fds.map(() => nameless) : names.split(':');
  if (given.length !== fds.length) {
    throw wrong(
      `LISTEN_FDNAMES to hold ${fds.length} names, as LISTEN_FDS says`,
      `${given.length} in ${shown(names)}`,
    );
  }
  for (const fd of fds) assertSocket(fd);
  return given.map((name, index) => {
    const fd = firstDescriptor + index;
    return { name, fd, ...whereaboutsOf(fd) };
  });
}

function assertSocket(fd: number): void {
  let found: string;
  try {
    if (statOfDescriptor(fd).isSocket()) return;
    found = 'something else';
  } catch (error) {
    found = (error as NodeJS.ErrnoException).code ?? String(error);
  }
  throw wrong(
    `descriptor ${fd}, of which LISTEN_FDS speaks, to be a socket`,
    `${found}. A program in between has closed it, as \`npm start\` and \`node --watch\` do: start node itself`,
  );
}

function wrong(expected: string, got: string): GracefulError {
  return new GracefulError('ERR_GRACEFUL_INHERITED', `Expected ${expected}, got ${got}.`);
}
