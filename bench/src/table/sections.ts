import type { Contestant } from '../contestant.js';
import { table } from '../report/table.js';
import { type Cell, cellOf, tableRows } from './cell.js';
import { grace, type Played } from './play.js';

/** What one contestant did, and who it is. */
export interface Column extends Played {
  readonly contestant: Contestant;
}

function shown({ text, tone }: Cell): string {
  return tone === 'bad' || tone === 'weak' ? `**${text}**` : text;
}

function seconds(ms: number): string {
  return `${ms / 1_000} s`;
}

/** The table and how it is to be read. */
export function tableSections(columns: readonly Column[]): readonly string[] {
  const notes = [
    'Every row of `@graceful/conformance` that needs nothing of the app itself, against every library, in one run. Every cell is ' +
      'a process of its own that gets a real SIGTERM, with raw clients that never retry.',
    '- **Lost**: written whole (or half received by the service) and not answered whole. `n ✗`: answered, but with an error. ' +
      'Bold: not as it should be. `–`: the library has nothing to hold it to (no readiness endpoint, no pre-drain, no HTTP/2).',
    `- Everybody has ${seconds(grace.drainMs)} of grace, and ${seconds(grace.preDrainMs)} of pre-drain where the library documents a place for one.`,
    '- Exits: seconds after the last answer (or the end of the pre-drain), or after the signal; then the exit code, or the signal that ended it. ' +
      'As it should be: 0, within 1 s; with idle connections within 5 s after the pre-drain (`keepAliveTimeout`); with a request that never ends ' +
      `another code than 0, within ${seconds(grace.preDrainMs + grace.drainMs)}. \`still up\`: 7 s later too, and killed.`,
    '- HTTP/2: a bold 0 means that all streams finished, and that the session was never told to leave (GOAWAY). Express speaks no HTTP/2. ' +
      'WebSockets are those of `ws`; no app here ends them or the event streams itself.',
    '- Half requests that are cut at once let a process exit early; the row above says what that costs whoever completes one.',
  ];
  const header = [
    '',
    ...columns.map(({ contestant: { name, role } }) => (role === 'ours' ? `**${name}**` : name)),
  ];
  const rows = tableRows.map((row) => [
    row.name,
    ...columns.map(({ rows: played }) => shown(cellOf(row, played))),
  ]);
  return [notes.join('\n'), table(header, rows)];
}
