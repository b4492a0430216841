import type { HaproxyFigures } from '@graceful/test/proxies/haproxy.js';
import { quantile } from '../report/statistics.js';
import { table } from '../report/table.js';
import type { Replacement } from './backends.js';
import type { Books } from './books.js';
import type { RollingPlan } from './plan.js';

/** What the whole run came to. */
export interface RollingFigures {
  readonly plan: RollingPlan;
  readonly books: Books;
  readonly replacements: readonly Replacement[];
  readonly haproxy: HaproxyFigures;
  readonly durationMs: number;
  /** How many processes wanted to run at once, of this run and of whatever else the machine did. */
  readonly loadAverage: number;
}

/** Whether anything at all went wrong. */
export function flawless({ books, replacements, haproxy }: RollingFigures): boolean {
  const clean = replacements.every(({ report, exit }) => report.verdict === 'clean' && exit === '0');
  return clean && books.lost + books.refused + haproxy.errors + haproxy.triedAgain === 0;
}

function total(replacements: readonly Replacement[], of: (replacement: Replacement) => number): string {
  return count(replacements.reduce((sum, replacement) => sum + of(replacement), 0));
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

function span(values: readonly number[]): readonly string[] {
  return [0.5, 0.95, 1].map((part) => quantile(values, part).toFixed(0));
}

export function rollingSections(figures: RollingFigures): readonly string[] {
  const { plan, books, replacements, haproxy, durationMs } = figures;
  const clean = replacements.filter(({ report, exit }) => report.verdict === 'clean' && exit === '0').length;
  return [
    [
      `- Two backends (\`@graceful/core\`, node:http) behind HAProxy, replaced in turn while ${plan.clients} clients on kept-alive connections use them, each with about ${plan.thinkMs} ms between an answer and its next request; half of them with a body, of 40 bytes or 20 kB.`,
      '- A replacement is SIGTERM, the exit, and a new process on the same port. HAProxy is told nothing: its health check' +
        ` (\`GET /readyz\` every ${plan.checkMs} ms, out after two refusals, back after one answer) has to notice within the lame-duck, ${plan.delayMs} ms, as it is by default.`,
      '- HAProxy keeps its connections to backends and shares them among clients (`http-reuse always`, unused ones for about 1 s), and never tries again (`retries 0`, `retry-on none`, no redispatch). Neither do the clients, raw sockets: lost is what was asked and not answered whole.',
      '- All else is as it is by default: `drain.idleMs`, `keepAliveTimeout`, probes on the same port.',
    ].join('\n'),
    table(
      ['by the books of', 'what', 'how many'],
      [
        ['', 'replacements', count(replacements.length)],
        ['the clients', 'requests', count(books.all)],
        ['the clients', 'of these with a body', count(books.posted)],
        ['the clients', '**lost**', `**${count(books.lost)}**`],
        ['the clients', '**answered with an error**', `**${count(books.refused)}**`],
        ['the clients', 'connections to HAProxy', count(books.connections)],
        ['HAProxy', 'answers with 2xx', count(haproxy.answers2xx)],
        ['HAProxy', 'answers with 5xx', count(haproxy.answers5xx)],
        ['HAProxy', 'connections to backends that it made', count(haproxy.connectionsMade)],
        ['HAProxy', 'requests on a connection that it had', count(haproxy.connectionsReused)],
        ['HAProxy', 'errors towards backends', count(haproxy.errors)],
        ['HAProxy', 'requests sent again', count(haproxy.triedAgain)],
        ['the reports', 'backends that left clean, exit 0', count(clean)],
        [
          'the reports',
          'requests served in a lame-duck',
          total(replacements, ({ report }) => report.requests.servedInLameDuck),
        ],
        ['the reports', 'requests dropped', total(replacements, ({ report }) => report.requests.dropped)],
        [
          'the reports',
          'connections told `close`, those of health checks among them',
          total(replacements, ({ report }) => report.connections.told),
        ],
        [
          'the reports',
          'connections that were idle until the end',
          total(replacements, ({ report }) => report.connections.idle),
        ],
        ['the reports', 'connections cut', total(replacements, ({ report }) => report.connections.forced)],
      ],
    ),
    table(
      ['ms since SIGTERM', 'median', '95 %', 'longest'],
      [
        ['HAProxy has taken the backend out', ...span(replacements.map(({ outMs }) => outMs))],
        ['the process has ended', ...span(replacements.map(({ goneMs }) => goneMs))],
        ['a new one serves in its place', ...span(replacements.map(({ backMs }) => backMs))],
      ],
    ),
    `The run took ${(durationMs / 60_000).toFixed(1)} min: ${count(Math.round(books.all / (durationMs / 1_000)))} requests a second.` +
      ` The load average of the machine over its last 15 min was ${figures.loadAverage.toFixed(0)}.`,
  ];
}
