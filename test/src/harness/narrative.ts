import type { Exit } from './service-process.js';
import type { Trial } from './trial.js';

/** Everything that happened in a trial, in the order of time: for whoever has to find out why. */
export function describe(trial: Trial, exit: Exit | undefined): string {
  const { service, clients, observers, leftAt } = trial;
  const events: [at: number, what: string][] = [];
  if (leftAt !== undefined) events.push([leftAt, 'asked to leave']);
  for (const { notice, at } of service.notices.all) events.push([at, `service: ${JSON.stringify(notice)}`]);
  for (const [who, ledger] of Object.entries({ client: clients, observer: observers })) {
    ledger.connections.forEach((connection, index) => {
      const name = `${who} ${index + 1}`;
      events.push([connection.openedAt, `${name} connected`]);
      if (connection.end) events.push([connection.end.at, `${name} ended: ${connection.end.detail}`]);
      for (const exchange of connection.exchanges) {
        const { response, answeredAt, beganAt = 0 } = exchange;
        events.push([beganAt, `${name} asks ${exchange.describe()}`]);
        const close = response?.saysClose ? ', Connection: close' : '';
        if (answeredAt !== undefined) events.push([answeredAt, `${name} got ${response?.status}${close}`]);
      }
    });
    for (const { at, code } of ledger.refusals) events.push([at, `${who} refused: ${code}`]);
  }
  if (exit) events.push([exit.at, `exit ${exit.code ?? exit.signal}`]);
  const zero = leftAt ?? 0;
  const ordered = events.toSorted(([one], [other]) => one - other);
  const lines = ordered.map(([at, what]) => `${(at - zero).toFixed(1).padStart(9)} ms  ${what}`);
  // The middle of a storm tells no more than its begin and its end.
  const shown = lines.length > 120 ? [...lines.slice(0, 60), '          …', ...lines.slice(-60)] : lines;
  return [...shown, 'stdout:', service.stdout.trim(), 'stderr:', service.stderr.trim()].join('\n');
}
