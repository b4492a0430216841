import type { Farewell } from '../protocol/wire.js';
import { receiptVerdicts, type ReceiptVerdict, type SeenDeparture } from './receipt.js';

/** What a departure came to, by what was seen of it and by what the instance said. */
export function verdictOf(seen: SeenDeparture): ReceiptVerdict {
  const { farewell, exit } = seen;
  if (droppedBy(seen) > 0) return 'dropped';
  switch (exit.how) {
    case 'never-registered':
      return 'unknown';
    case 'deadline':
      // Its last report may be of the moment after it had cut what it worked on: only its own word tells of that.
      return farewell ? 'forced' : 'unknown';
    case 'eof':
      // It never said that it was done. One that had work left has dropped it, which is above.
      return farewell && saysClean(farewell) ? 'disputed' : 'unknown';
    case 'bye':
      if (farewell === undefined || saysNothing(farewell)) return 'unknown';
      if (!saysClean(farewell)) return 'forced';
      return seen.sockets.busy > 0 ? 'disputed' : 'clean';
  }
}

/** Requests that were lost. One that leaves without a word, or is ended, loses what it still had. */
export function droppedBy({ farewell, exit, inFlightAtClose, sockets }: SeenDeparture): number {
  const said = farewell?.requests?.dropped;
  if (exit.how === 'bye' || exit.how === 'never-registered') return said ?? 0;
  return Math.max(said ?? 0, inFlightAtClose, sockets.busy);
}

function saysNothing({ verdict, exitCode, requests }: Farewell): boolean {
  return verdict === undefined && exitCode === undefined && requests?.dropped === undefined;
}

/** By its verdict, where it has one; a client in another language may say no more than how many requests it dropped. */
function saysClean({ verdict, exitCode = 0, requests }: Farewell): boolean {
  if (verdict !== undefined) return verdict === 'clean';
  return exitCode === 0 && (requests?.dropped ?? 0) === 0;
}

/** The worst of them; `clean` where there is none. */
function worstOf(verdicts: Iterable<ReceiptVerdict>): ReceiptVerdict {
  let worst = 0;
  for (const verdict of verdicts) worst = Math.max(worst, receiptVerdicts.indexOf(verdict));
  return receiptVerdicts[worst] ?? 'unknown';
}

const exitCodes = { clean: 0, forced: 64, dropped: 65, disputed: 66, unknown: 66 } as const;

/** What a companion exits with. */
export type CompanionExitCode = (typeof exitCodes)[ReceiptVerdict];

/** The code for what several departures came to: 0 clean, 64 forced, 65 dropped, 66 nobody knows. */
export function exitCodeOf(verdicts: Iterable<ReceiptVerdict>): CompanionExitCode {
  return exitCodes[worstOf(verdicts)];
}
