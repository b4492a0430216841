import type { RowReport } from '@graceful/conformance';

/** How a cell looks: as it should be, a loss, something else that should not be, not played. */
export type Tone = 'good' | 'bad' | 'weak' | 'none';

/** What a row of the table says of one library. */
export interface Cell {
  readonly text: string;
  readonly tone: Tone;
}

/** A row of the kit, and how it is named where room is short. */
export interface TableRow {
  readonly id: string;
  readonly name: string;
  /** What a cell says beside whether it is as it should be. */
  cell(report: RowReport): Cell;
}

const notPlayed: Cell = { text: '–', tone: 'none' };

function toneOf({ result, requests }: RowReport): Tone {
  if (result === 'passed') return 'good';
  return requests.lost > 0 ? 'bad' : 'weak';
}

/** Lost requests, and those that were answered with an error. */
function losses(report: RowReport): Cell {
  const { lost, turnedAway } = report.requests;
  const errors = turnedAway === 0 ? '' : `, ${turnedAway} ✗`;
  return { text: `${lost}${errors}`, tone: toneOf(report) };
}

/** Clients that were cut, or let go on for ever. */
function untold(report: RowReport): Cell {
  const { cut = 0, neverTold = 0 } = report.measures;
  return { text: String(cut + neverTold), tone: cut + neverTold > 0 ? 'bad' : toneOf(report) };
}

function yesOrNo(report: RowReport): Cell {
  return { text: report.result === 'passed' ? 'yes' : 'no', tone: toneOf(report) };
}

/** When the process was gone, and how. */
function ending(from: 'lagMs' | 'afterMs'): (report: RowReport) => Cell {
  return (report) => {
    const { exit } = report;
    if (exit === 'never') return { text: 'still up', tone: 'bad' };
    if (!exit) return notPlayed;
    return { text: `${seconds(exit[from])}, ${exit.how}`, tone: toneOf(report) };
  };
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 95 ? 2 : 1)} s`;
}

/** The rows, in the order of the table. */
export const tableRows: readonly TableRow[] = [
  { id: 'far-clients', name: '60 × 3 kept-alive clients, 20 ms away: lost', cell: losses },
  { id: 'silent', name: '20 silent connections, 20 ms away, then a request: lost', cell: losses },
  { id: 'told', name: '24 kept-alive clients nearby: cut, or never told', cell: untold },
  { id: 'new-connections', name: 'new connections while it leaves: lost', cell: losses },
  { id: 'in-flight', name: '3 requests in flight: lost', cell: losses },
  { id: 'https', name: '3 requests in flight over HTTPS: lost', cell: losses },
  { id: 'http2', name: '3 HTTP/2 streams in flight: lost', cell: losses },
  { id: 'second-signal', name: '3 in flight, a second SIGTERM: lost', cell: losses },
  { id: 'pipelined', name: 'up to 9 pipelined requests: lost', cell: losses },
  { id: 'half-head', name: '6 requests, 4 of them half sent: lost', cell: losses },
  { id: 'slow-upload', name: '2 slow uploads: lost', cell: losses },
  { id: 'stream', name: '2 streamed answers: lost', cell: losses },
  { id: 'slow-reader', name: '2 slow readers of 30 MB: lost', cell: losses },
  { id: 'events', name: '2 event streams: not ended whole', cell: losses },
  { id: 'websocket', name: '2 WebSockets: no close frame', cell: losses },
  { id: 'readiness', name: 'says that it is not ready while it still serves', cell: yesOrNo },
  { id: 'lame-duck', name: 'accepts connections through its pre-drain', cell: yesOrNo },
  { id: 'exit', name: 'exit after the last answer; code', cell: ending('lagMs') },
  { id: 'idle', name: 'exit with 6 idle connections; code', cell: ending('afterMs') },
  { id: 'stalled-head', name: 'exit with 2 half requests; code', cell: ending('afterMs') },
  { id: 'deadline', name: 'exit with an endless request; code', cell: ending('afterMs') },
];

/** The cell of a row, from the rows that were played. */
export function cellOf(row: TableRow, reports: readonly RowReport[]): Cell {
  const report = reports.find(({ id }) => id === row.id);
  return !report || report.result === 'skipped' ? notPlayed : row.cell(report);
}
