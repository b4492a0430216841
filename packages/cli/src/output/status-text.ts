import type {
  GenerationStatus,
  SocketStatus,
  SupervisorStatus,
  WorkerStatus,
} from '@graceful/handover/control';
import { duration } from './duration.js';
import { printable } from './printable.js';

/** How a supervisor is, for people: a line for it, one for each socket, generation and process. */
export function statusText(status: SupervisorStatus, now: number): string {
  const { name, state, generation, pid, startedAt, upgrade, zombies } = status;
  const serves = generation === undefined ? '' : `, generation ${generation}`;
  const lines = [
    `${name}: ${state}${serves} (supervisor ${pid}, for ${since(startedAt, now)})`,
    ...status.sockets.map((socket) => `  socket ${socket.name}: ${addressOf(socket)}`),
    ...status.generations.flatMap((each) => generationLines(each, now)),
  ];
  if (upgrade) {
    const to = upgrade.generation === undefined ? '' : ` to generation ${upgrade.generation}`;
    lines.push(`  upgrade${to}: ${upgrade.stage}`);
  }
  if (zombies > 0) lines.push(`  ${zombies} dead processes that nobody has waited for`);
  return lines.map((line) => `${indent(line)}${printable(line.trimStart())}\n`).join('');
}

function generationLines(status: GenerationStatus, now: number): string[] {
  const { generation, state, command, startedAt, readyAt, workers } = status;
  const served =
    readyAt === undefined ? `started ${since(startedAt, now)} ago` : `ready ${since(readyAt, now)} ago`;
  return [
    `  generation ${generation}: ${state}, ${served}: ${command.map(quoted).join(' ')}`,
    ...workers.map((worker) => `    ${workerLine(worker)}`),
  ];
}

function workerLine({ pid, state, inFlight, restarts, text }: WorkerStatus): string {
  const parts = [
    state,
    inFlight === undefined ? undefined : `${inFlight} in flight`,
    restarts ? `started again ${restarts} times` : undefined,
    text,
  ];
  return `process ${pid ?? '-'}: ${parts.filter((part) => part !== undefined && part !== '').join(', ')}`;
}

function addressOf({ kind, host, port, path }: SocketStatus): string {
  if (path !== undefined) return path;
  if (port === undefined) return kind;
  return host?.includes(':') ? `[${host}]:${port}` : `${host ?? '*'}:${port}`;
}

/** So that it can be told where one word ends, and be typed again. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function since(instant: string, now: number): string {
  return duration(Math.max(0, now - Date.parse(instant)));
}

function indent(line: string): string {
  return ' '.repeat(line.length - line.trimStart().length);
}
