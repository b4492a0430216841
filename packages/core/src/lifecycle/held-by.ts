import { ChildProcess } from 'node:child_process';
import { Server, Socket } from 'node:net';
import { settled } from '../settle.js';

/** What `process._getActiveHandles()` gives: undocumented, there since Node 0.x, and the only way to a name. */
interface ActiveHandles {
  _getActiveHandles?: () => unknown[];
}

/** Resources that `getActiveResourcesInfo()` names and that the handles below describe better. */
const describedAsHandles = /^(TCP|Pipe|TTY|Process|UDP)/;
/**
 * The immediate that this function itself waits for; file requests, which end by themselves, and the log makes them;
 * and what Node keeps for reuse after `respondWithFile()`, which holds nothing.
 */
const passing = /^(Immediate|FSReq|FileHandleReadWrap)/;

/** How often to look whether what was closed just now, such as a pool's sockets, is gone. */
const looks = 20;

/** How many are named: nobody reads on, and there may be thousands. */
const mostNamed = 100;

/**
 * What still keeps the event loop from ending, in words a person can search
 * for.
 *
 * @param known - handles that are meant to live until the exit
 */
export async function heldBy(known: ReadonlySet<unknown>): Promise<string[]> {
  await new Promise((resolve) => setImmediate(resolve));
  await settled(() => holders(known, 1).length === 0, looks);
  return counted(holders(known, mostNamed));
}

/** The first of them, as far as they are asked for: to name one costs a system call. */
function holders(known: ReadonlySet<unknown>, most: number): string[] {
  const names: string[] = [];
  for (const handle of (process as ActiveHandles)._getActiveHandles?.() ?? []) {
    if (names.length === most) return names;
    if (!isExpected(handle, known)) names.push(describe(handle));
  }
  for (const name of process.getActiveResourcesInfo()) {
    if (names.length === most) return names;
    if (passing.test(name) || describedAsHandles.test(name)) continue;
    names.push(name === 'Timeout' ? 'timer' : name);
  }
  return names;
}

function isExpected(handle: unknown, known: ReadonlySet<unknown>): boolean {
  if (known.has(handle) || isIpcChannel(handle)) return true;
  if (!(handle instanceof Socket)) return false;
  const { server, _handle } = handle as Socket & { server?: unknown; _handle?: { fd?: number } | null };
  const isStdio = [0, 1, 2].includes(_handle?.fd ?? -1);
  return isStdio || known.has(server);
}

/** The channel to a parent that forked this process is the parent's to close. */
function isIpcChannel(handle: unknown): boolean {
  return process.channel !== undefined && (handle as object | null)?.constructor?.name === 'Pipe';
}

function describe(handle: unknown): string {
  if (handle instanceof Server) return `server on ${address(handle.address())}`;
  if (handle instanceof Socket) {
    if (handle.remoteAddress === undefined) return 'pipe or unconnected socket';
    return `socket to ${handle.remoteAddress}:${handle.remotePort}`;
  }
  if (handle instanceof ChildProcess) return `child process ${handle.pid} (${handle.spawnfile})`;
  return (handle as object | null)?.constructor?.name ?? typeof handle;
}

function address(at: ReturnType<Server['address']>): string {
  if (at === null) return 'an unknown address';
  return typeof at === 'string' ? at : `${at.address}:${at.port}`;
}

function counted(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count === 1 ? name : `${count} × ${name}`));
}
