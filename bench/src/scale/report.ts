import { median } from '../report/statistics.js';
import { table } from '../report/table.js';
import { active, crowds, most, type ScaleFigures, type Series } from './figures.js';

/** Median and greatest; one figure where there was one run. */
function spread(values: readonly number[], digits = 0): string {
  const shown = [median(values), Math.max(...values)].map((value) => value.toFixed(digits));
  return values.length === 1 || shown[0] === shown[1] ? `${shown[1]}` : `${shown[0]} (${shown[1]})`;
}

function named({ contestant }: Pick<Series, 'contestant'>): string {
  return contestant.role === 'ours' ? `**${contestant.name}**` : contestant.name;
}

function exits(departures: Series['departures']): string {
  return [...new Set(departures.map(({ exit }) => exit))].join('/');
}

function seconds(departures: Series['departures']): string {
  return (median(departures.map(({ leftMs }) => leftMs)) / 1_000).toFixed(2);
}

function stallTable({ series }: ScaleFigures): string {
  const ofMost = series.filter(({ idle }) => idle === most);
  const rows = ofMost.map((last) => {
    const own = series.filter(({ contestant }) => contestant === last.contestant);
    return [
      named(last),
      String(last.departures.length),
      ...crowds.map((count) => {
        const departures = own.find(({ idle }) => idle === count)?.departures;
        return departures ? spread(departures.map(({ maxMs }) => maxMs)) : '–';
      }),
      spread(
        last.departures.map(({ p99Ms }) => p99Ms),
        1,
      ),
      exits(last.departures) === 'never' ? 'never' : seconds(last.departures),
      String(Math.max(...last.departures.map(({ lost }) => lost))),
    ];
  });
  const counts = crowds.map((count) => count.toLocaleString('en'));
  return table(
    ['longest stall, ms', 'runs', ...counts, 'p99 of 16,000', 'exit after, s', 'lost of 1,000'],
    rows,
  );
}

export function scaleSections(figures: ScaleFigures): readonly string[] {
  const realtime = process.env['BENCH_REALTIME'] !== undefined;
  return [
    [
      `- So many idle kept-alive connections, each of which has had one answer, and ${active.toLocaleString('en')} requests that the handler holds until SIGTERM, and answers one after the other over the 3 s that follow.`,
      '- Every server promises 65 s (`keepAliveTimeout`); pre-drain 1 s, where there is a documented place for one; grace 10 s.',
      '- A stall is the longest time between two turns of the event loop from SIGTERM to the exit, as `perf_hooks.monitorEventLoopDelay` sees it with a resolution of 1 ms (which is in the figure). Median of the runs, and in parentheses the greatest.',
      `- At rest, the bare server with 16,000 connections shows ${spread(
        figures.rest.map(({ maxMs }) => maxMs),
        1,
      )} ms within 3 s: so much is the machine's.`,
      ...(realtime
        ? [
            '- The machine did other work meanwhile. The service ran with real-time priority (`chrt --fifo`), its clients beneath it, so that a stall is its own.',
          ]
        : []),
    ].join('\n'),
    stallTable(figures),
    '`never`: still there 2 s after every budget. Clients lose nothing by a stall here; they wait for it.',
    '## Other departures of 16,000 connections, @graceful/core',
    table(
      ['', 'runs', 'longest stall, ms', 'p99, ms', 'exit after, s', 'exit code', 'requests lost'],
      figures.others.map(({ title, departures }) => [
        title,
        String(departures.length),
        spread(departures.map(({ maxMs }) => maxMs)),
        spread(
          departures.map(({ p99Ms }) => p99Ms),
          1,
        ),
        seconds(departures),
        exits(departures),
        spread(departures.map(({ lost }) => lost)),
      ]),
    ),
    '## Memory for each connection, over the bare server',
    'Heap and external memory after a forced collection, and resident memory, of a service with so many idle connections less the same service without any; less the same of the bare server. Bytes, median of the runs and in parentheses the greatest. Resident memory is counted in pages that a collector frees when it likes: its noise is larger than what is measured.',
    table(
      ['', 'connections', 'runs', 'heap', 'resident'],
      figures.memory.map((series) => [
        named(series),
        series.idle.toLocaleString('en'),
        String(series.heap.length),
        spread(series.heap),
        spread(series.rss),
      ]),
    ),
  ];
}
