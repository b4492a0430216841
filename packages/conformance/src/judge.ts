import type { Baseline } from './baseline.js';
import type { Exchange } from './client/exchange.js';
import type { Play } from './play.js';
import type { ExitFigures, RequestFigures } from './report.js';

/** What came of a row, apart from what its scenario itself saw. */
export interface Judgement {
  readonly violations: readonly string[];
  readonly requests: RequestFigures;
  readonly exit: ExitFigures | 'never' | undefined;
}

/** More of the same would only hide what stands behind it. */
const shownAtMost = 5;

/** Look at the books while everything is still as the scenario left it. */
export function judge(play: Play, baseline: Baseline): Judgement {
  const exchanges = play.clients.exchanges.filter(({ request }) => !request.doomed);
  const lost = exchanges.filter((exchange) => isLost(play, exchange));
  const turnedAway = exchanges.filter((exchange) => baseline.turnedAway(exchange));
  const answered = exchanges.filter(({ fate }) => fate === 'answered').length - turnedAway.length;
  const { kept, lost: others } = play.others;
  const requests = {
    sent: lost.length + turnedAway.length + answered + kept + others,
    answered: answered + kept,
    lost: lost.length + others,
    turnedAway: turnedAway.length,
  };
  const broken = play.clients.broken.map(({ end }) => `${end?.how}, ${end?.detail}`);
  const violations = [
    ...few(lost.map((exchange) => `lost: ${exchange.describe()}`)),
    ...few(turnedAway.map((exchange) => `turned away: ${exchange.describe()}, ${answerOf(exchange)}`)),
    // A connection that was cut under a request is told of with the request.
    ...(lost.length === 0 ? few(broken.map((how) => `a connection did not end in order: ${how}`)) : []),
  ];
  return { violations, requests, exit: exitOf(play) };
}

function isLost(play: Play, exchange: Exchange): boolean {
  const { fate } = exchange;
  if (fate === 'lost' || fate === 'waiting') return true;
  return play.begun.has(exchange) && fate !== 'answered';
}

function answerOf({ response }: Exchange): string {
  return `got ${response?.status} with ${response?.bodyBytes} bytes`;
}

function few(sentences: readonly string[]): readonly string[] {
  const more = sentences.length - shownAtMost;
  return more > 0 ? [...sentences.slice(0, shownAtMost), `… and ${more} more`] : sentences;
}

function exitOf({ exit, leftAt = 0, clients, settings }: Play): Judgement['exit'] {
  if (exit === undefined || exit === 'never') return exit;
  const answers = clients.exchanges.flatMap(({ answeredAt }) => answeredAt ?? []);
  const lastWork = Math.max(leftAt + settings.promises.lameDuckMs, ...answers);
  return {
    how: exit.code ?? exit.signal ?? 'unknown',
    afterMs: Math.round(exit.at - leftAt),
    lagMs: Math.max(0, Math.round(exit.at - lastWork)),
  };
}
