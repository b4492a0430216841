import { habits } from './clients.js';
import { complaints, type Outcome } from './outcome.js';
import { count, pad, paint, seconds } from './paint.js';
import { timeline } from './timeline.js';

/** Print a line under its name; without a name it continues what is above. */
export function line(name: string, text: string): void {
  console.log(`  ${paint('dim', pad(name, 12))}${text}`);
}

/** The first line of several has the name. */
function lines(name: string, texts: readonly string[]): void {
  texts.forEach((text, index) => line(index === 0 ? name : '', text));
}

export function title(): void {
  console.log(`\n  ${paint('bold', 'graceful')}: an orders service is taken away under load\n`);
}

export function clientsLine(): string {
  return `${habits.map(({ count: number, kind }) => `${number} ${kind}`).join(', ')}; none retries`;
}

/** Everything that happened, on one screen. */
export function show(outcome: Outcome): void {
  console.log();
  for (const [name, picture] of timeline(outcome)) line(name, picture);
  console.log();
  requests(outcome);
  readiness(outcome);
  report(outcome);
  database(outcome);
  exit(outcome);
  verdict(outcome);
  console.log();
}

function requests({ tally, signalAt }: Outcome): void {
  const { answered, lost, failed, turnedAway } = tally;
  const before = answered.filter(({ answeredAt }) => answeredAt < signalAt).length;
  lines('requests', [
    [
      `${count(answered.length)} answered`,
      paint(lost.length > 0 ? 'red' : 'green', `${lost.length} lost`),
      `${failed.length} failed`,
      `${turnedAway} turned away`,
    ].join(' · '),
    `${count(before)} before SIGTERM, ${count(answered.length - before)} after it`,
  ]);
}

function readiness({ turnedAt, signalAt }: Outcome): void {
  if (turnedAt === undefined) return line('readiness', paint('red', 'never turned'));
  const ms = (turnedAt - signalAt).toFixed(0);
  line('readiness', `503 seen ${ms} ms after SIGTERM; balancers follow 1 to 4 s later`);
}

function report({ exit: { report: found, lastLines } }: Outcome): void {
  if (!found) return lines('log', lastLines);
  const { told, idle, client, forced } = found.connections;
  const ends = [
    `${count(told)} told to close`,
    `${idle} idle`,
    `${client} left by themselves`,
    `${forced} cut`,
  ];
  line('connections', ends.join(' · '));
  const hooks = found.hooks.map(({ name, phase, result, durationMs }) => {
    const ended = paint(result === 'ok' ? 'green' : 'red', result);
    return `${pad(name, 12)}${pad(phase, 8)}${pad(ended, 10)}${durationMs.toFixed(1).padStart(7)} ms`;
  });
  lines('hooks', hooks);
}

function database({ databaseConnections: { before, after } }: Outcome): void {
  line('database', `${before} connections under load, ${after} after the exit (pg_stat_activity)`);
}

function exit({ exit: { code, signal, at }, signalAt, tally }: Outcome): void {
  const sinceAnswer = (at - tally.lastAnswerAt).toFixed(0);
  const after = `${seconds(at - signalAt)} after SIGTERM, ${sinceAnswer} ms after the last answer`;
  line('exit', `code ${code ?? signal}, ${after}`);
}

function verdict(outcome: Outcome): void {
  const wrong = complaints(outcome);
  if (wrong.length > 0) {
    lines(
      'verdict',
      wrong.map((text) => paint('red', text)),
    );
  } else {
    line('verdict', paint(['bold', 'green'], 'clean: the service left, and nobody noticed'));
  }
}
