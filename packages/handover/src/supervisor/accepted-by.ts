import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';

/** Between two looks, in milliseconds. */
const lookMs = 10;

/**
 * Whether the other end of `socket`, on this machine, was accepted by the
 * process `pid`, which leads a session, or by one of that session. On a
 * shared socket any generation may accept, and the answer of the old one says
 * nothing about the new. By proc(5): where there is none, nobody can tell, and
 * it is taken to be so.
 */
export async function acceptedBy(socket: Socket, pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline && !socket.destroyed) {
    let inode: string | undefined;
    try {
      inode = otherEndOf(socket);
    } catch {
      return true;
    }
    if (inode !== undefined) return sessionOf(pid).some((each) => has(each, inode));
    await after(lookMs);
  }
  return false;
}

/** The number of its socket; `undefined` while it waits in the queue, for then nobody has one. */
function otherEndOf({ localPort, remotePort, remoteFamily }: Socket): string | undefined {
  // A server for both families has connections of IPv4 in the table of IPv6.
  const tables = remoteFamily === 'IPv6' ? ['tcp6'] : ['tcp', 'tcp6'];
  for (const table of tables) {
    for (const line of linesOf(`/proc/self/net/${table}`)) {
      const fields = line.trim().split(/\s+/);
      const [inode] = fields.slice(9);
      if (portOf(fields[1]) !== remotePort || portOf(fields[2]) !== localPort) continue;
      return inode === '0' ? undefined : inode;
    }
  }
  return undefined;
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    // Without IPv6 there is no table of it.
    if (path.endsWith('6')) return [];
    throw error;
  }
}

function portOf(address: string | undefined): number {
  return Number.parseInt(address?.split(':')[1] ?? '', 16);
}

function sessionOf(leader: number): string[] {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      // Behind the name, in brackets: state, parent, process group, session.
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]) === leader;
    } catch {
      return false;
    }
  });
}

function has(pid: string, inode: string): boolean {
  return listOf(`/proc/${pid}/fd`).some((fd) => leadsTo(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`);
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // It ends just now, or is not ours to look into.
    return [];
  }
}

function leadsTo(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
