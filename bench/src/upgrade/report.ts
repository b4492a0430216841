import { quantile } from '../report/statistics.js';
import { table } from '../report/table.js';
import type { Contestant } from './contestant.js';
import type { Books } from './load/books.js';
import { type LoadFigures, lostIn } from './load/load.js';
import { parts } from './load/parts.js';
import { drainMs, type UpgradePlan } from './plan.js';
import type { Cost } from './processes.js';
import type { Played } from './run.js';

function count(number: number): string {
  return number.toLocaleString('en-US');
}

function ms(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0);
}

function sum({ books }: LoadFigures, of: (books: Books) => number): number {
  return [...books.values()].reduce((total, part) => total + of(part), 0);
}

function every({ books }: LoadFigures, of: (books: Books) => readonly number[]): number[] {
  return [...books.values()].flatMap(of);
}

function bold(lost: number): string {
  return lost === 0 ? '0' : `**${count(lost)}**`;
}

/** `worst (99.9 %)`. */
function worst(values: readonly number[]): string {
  return values.length === 0 ? '–' : `${ms(quantile(values, 1))} (${ms(quantile(values, 0.999))})`;
}

function named({ name, role }: Contestant): string {
  return role === 'ours' ? `**${name}**` : name;
}

function summary({ contestant, quiet, upgrading, upgradesMs }: Played): readonly string[] {
  return [
    named(contestant),
    String(upgradesMs.length),
    count(sum(upgrading, ({ answered }) => answered)),
    bold(lostIn(upgrading.books.values())),
    bold(lostIn(quiet.books.values())),
    worst(every(upgrading, ({ connectMs }) => connectMs)),
    worst(every(quiet, ({ connectMs }) => connectMs)),
    worst(every(upgrading, ({ responseMs }) => responseMs)),
    worst(every(quiet, ({ responseMs }) => responseMs)),
    upgradesMs.length === 0 ? '–' : (quantile(upgradesMs, 0.5) / 1_000).toFixed(1),
    `${ms(upgrading.stalledMs)} / ${ms(quiet.stalledMs)}`,
  ];
}

function lostWays({ upgrading, gaveUp }: Played): string {
  const lines = [...upgrading.books].flatMap(([part, { lost }]) =>
    [...lost]
      .toSorted(([, one], [, other]) => other - one)
      .map(([how, many]) => `- ${part.name}: ${count(many)} × ${how}`),
  );
  if (gaveUp !== undefined) lines.push(`- It did not go on: ${gaveUp}`);
  return lines.join('\n');
}

function setting({ quietMs, pauseMs, patienceMs }: UpgradePlan): string {
  const clients = parts.map(({ name, clients: many }) => `${many} × ${name}`).join('; ');
  return [
    `- As many replacements in a row under one load as the table says, ${pauseMs / 1_000} s after the last one was complete; and before them, on the same processes, ${quietMs / 1_000} s of the same load without any.`,
    `- Clients: ${clients}. Each thinks for about 60 ms (100 ms between messages), all at once, on raw sockets that never try again. Over a WebSocket each message is echoed.`,
    '- Complete: the new one serves, and no process of the old one is left. ' +
      `For what it had begun the old one has ${drainMs / 1_000} s, everybody the same: far more than any request here takes, and any session but those that stay.`,
    `- Lost: a request written whole and not answered whole, with 200, within ${patienceMs / 1_000} s beyond the time that it takes; a connection that did not come about; a WebSocket that ended without a close frame. ` +
      'Not lost: what is asked elsewhere after `Connection: close`, or after a close frame.',
    '- nginx and HAProxy are proxies: they answer through a service that is never replaced, as in production, and each response takes one hop more. All others are replaced with the service itself.',
    '- Times are in milliseconds: the worst, and in brackets the one that 99.9 % are not above. Responses: beyond the 2 s that the slow ones take by themselves. ' +
      'The last column is the longest that this machine kept the clients themselves from running, with and without upgrades: no figure beside it means less than that.',
  ].join('\n');
}

/** `all (of its own)`. */
function megabytes({ resident, own }: Cost): string {
  const [all, its] = [resident, own].map((bytes) => (bytes / 2 ** 20).toFixed(1));
  return `${all} (${its})`;
}

function cost({ contestant, watcher }: Played): readonly string[] {
  if (!watcher) return [named(contestant), '–', '–', '–', '–'];
  return [
    named(contestant),
    megabytes(watcher.first),
    megabytes(watcher.last),
    watcher.idleCpuMs.toFixed(0),
    watcher.loadedCpuMs.toFixed(0),
  ];
}

const columns = [
  '',
  'upgrades',
  'answers',
  'lost',
  'lost without upgrades',
  'worst connect',
  'without upgrades',
  'worst response',
  'without upgrades',
  'an upgrade takes, s',
  'clients stood still',
];

export function upgradeSections(plan: UpgradePlan, playeds: readonly Played[]): readonly string[] {
  const perPart = parts.map((part) => [
    part.name,
    ...playeds.map(({ upgrading }) => {
      const books = upgrading.books.get(part) as Books;
      return `${bold(lostIn([books]))} of ${count(books.answered)}`;
    }),
  ]);
  const ways = playeds.map((played) => [played.contestant.name, lostWays(played)] as const);
  return [
    setting(plan),
    table(columns, playeds.map(summary)),
    '## What was lost, by kind of client',
    table(['', ...playeds.map(({ contestant }) => named(contestant))], perPart),
    '## How it was lost',
    ...ways.map(([name, lines]) => `**${name}**${lines === '' ? ': nothing.' : `\n\n${lines}`}`),
    '## What the process that watches costs',
    'The one that stays while those who serve are replaced: a master, a daemon, a primary, a supervisor. Memory is its resident set size, and what of it no other process has in memory too. ' +
      "The kernel counts CPU time in steps of 10 ms. pm2's and `cluster`'s also accept all connections and hand them on; none of the others does.",
    table(
      [
        '',
        'memory after the start, MB (of its own)',
        'after all upgrades, MB (of its own)',
        'CPU when idle, ms a minute',
        'CPU under load, ms a minute',
      ],
      playeds.map(cost),
    ),
    '## How each is set up',
    playeds.map(({ contestant: { name, setup } }) => `- **${name}**: ${setup}.`).join('\n'),
  ];
}
