import type { Contestant } from '../contestant.js';
import { table } from '../report/table.js';
import { race } from './keep-alive-race.js';
import { grace, limitMs, type Outcome } from './scenario.js';
import { readers, requests } from './work-in-flight.js';

/** One contestant in every scenario. */
export interface DrainFigure {
  readonly contestant: Contestant;
  readonly race: readonly Outcome[];
  readonly requests: Outcome;
  readonly readers: Outcome;
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

function total(outcomes: readonly Outcome[], of: (outcome: Outcome) => number): string {
  return String(outcomes.reduce((sum, outcome) => sum + of(outcome), 0));
}

/** The slowest exit, and how each ended. */
function ending(outcomes: readonly Outcome[]): string {
  if (outcomes.some(({ exit }) => exit.how === undefined)) return 'never';
  const lagMs = Math.max(...outcomes.map((outcome) => outcome.lagMs));
  return `${seconds(lagMs)}, exit ${[...new Set(outcomes.map(({ exit }) => exit.how))].join('/')}`;
}

function row(figure: DrainFigure): readonly string[] {
  const { contestant } = figure;
  return [
    contestant.role === 'ours' ? `**${contestant.name}**` : contestant.name,
    total(figure.race, ({ tally }) => tally.lost),
    total(figure.race, ({ tally }) => tally.turnedAway),
    total([figure.requests], ({ tally }) => tally.lost + tally.turnedAway),
    total([figure.readers], ({ tally }) => tally.lost + tally.turnedAway),
    ending(figure.race),
    ending([figure.requests]),
    ending([figure.readers]),
  ];
}

export function drainSections(figures: readonly DrainFigure[]): readonly string[] {
  const columns = [
    'library',
    `race: lost of ${race.connections * race.rounds}`,
    'race: answered with an error',
    `requests in flight: lost of ${requests.count}`,
    `slow readers: lost of ${readers.count}`,
    'race: exit lag',
    'requests in flight: exit lag',
    'slow readers: exit lag',
  ];
  const scenarios = [
    `- **Race**: ${race.connections} kept-alive connections × ${race.rounds} rounds, a round trip of ${race.rttMs} ms, ` +
      `POSTs with about ${race.thinkMs} ms between an answer and the next request, SIGTERM in the middle.`,
    `- **Requests in flight**: ${requests.count} requests that take the server ${seconds(requests.ms)}, SIGTERM 300 ms after they began.`,
    `- **Slow readers**: ${readers.count} clients that take ${seconds(readers.ms)} to read an answer of 30 MB, SIGTERM after 300 ms.`,
    '- Clients are raw sockets that never retry, and leave when they are told to (`Connection: close`). ' +
      'Lost is what was written whole and not answered whole; a connection of the race can lose one request.',
    `- Each library has ${seconds(grace.drainMs)} of grace, and ${seconds(grace.preDrainMs)} of pre-drain where it documents a place for one.`,
    '- Exit lag is from the last answer or loss of any client to the end of the process, the longest of the rounds. What is left of ' +
      'the pre-drain is in it, and so is the patience with a client that kept its connection and was never told. ' +
      `\`never\`: still there ${seconds(limitMs)} after SIGTERM, and killed; what clients lose by that is counted.`,
  ];
  return [scenarios.join('\n'), table(columns, figures.map(row))];
}
