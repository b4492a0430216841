/** A TCP socket with a local port that somebody asked about. */
export interface TcpSocket {
  readonly localPort: number;
  /** The other side, as the kernel writes it: enough to tell one from another. */
  readonly remote: string;
  readonly state: 'listen' | 'established' | 'other';
  /** Bytes that were not read, or not sent, yet; of one that listens, connections that were not accepted. */
  readonly isBusy: boolean;
}

const states: Readonly<Record<string, TcpSocket['state']>> = { '0A': 'listen', '01': 'established' };

/**
 * The sockets of `/proc/net/tcp` or `/proc/net/tcp6` (proc_net_tcp.rst of
 * the kernel's documentation) whose local port is one of `ports`. The columns
 * have fixed widths, but for the number of the line; there may be ten thousands.
 */
export function parseProcNetTcp(text: string, ports: ReadonlySet<number>): TcpSocket[] {
  const sockets: TcpSocket[] = [];
  let end = text.indexOf('\n');
  while (end !== -1) {
    const start = end + 1;
    end = text.indexOf('\n', start);
    const line = text.slice(start, end === -1 ? undefined : end);
    const socket = parseLine(line, ports);
    if (socket) sockets.push(socket);
  }
  return sockets;
}

/** `  12: 0100007F:1F90 0100007F:C350 01 00000000:00000000 …`, with addresses of 8 or 32 digits. */
function parseLine(line: string, ports: ReadonlySet<number>): TcpSocket | undefined {
  const local = line.indexOf(': ') + 2;
  const colon = line.indexOf(':', local);
  if (local < 2 || colon === -1) return undefined;
  const localPort = Number.parseInt(line.slice(colon + 1, colon + 5), 16);
  if (!ports.has(localPort)) return undefined;
  const remote = colon + 6;
  const state = remote + (colon - local) + 6;
  const queues = line.slice(state + 3, state + 20);
  return {
    localPort,
    remote: line.slice(remote, state - 1),
    state: states[line.slice(state, state + 2)] ?? 'other',
    isBusy: queues !== '00000000:00000000',
  };
}
