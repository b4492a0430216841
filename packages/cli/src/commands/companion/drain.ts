import { type Command, Option } from 'commander';
import type { DrainRequest, InstanceState } from '@graceful/companion/control';
import { exitCode } from '../../exit-code.js';
import { type CompanionSocket, withCompanionSocket } from '../../options/companion-socket.js';
import { parseDuration } from '../../options/values.js';
import { duration } from '../../output/duration.js';
import { jsonLine, printable } from '../../output/printable.js';
import { SignalEnd, untilSignal } from '../../until-signal.js';
import type { Run } from '../command.js';
import { withExamples } from '../help.js';
import { companionCodes } from './codes.js';

/** As commander gives them; durations in milliseconds. */
interface DrainOptions extends CompanionSocket {
  readonly reason: DrainRequest['reason'];
  readonly of?: string;
  readonly within?: number;
  readonly wait?: true;
  readonly json?: true;
}

/** `graceful companion drain` */
export function addDrain(parent: Command, run: Run): void {
  const command = parent
    .command('drain')
    .summary('have the instances of the pod leave')
    .description('Have the instances of the pod leave, in their order. For the same reason twice is once.');
  withCompanionSocket(command)
    .addOption(
      new Option('--reason <reason>', 'who wants it').choices(['pod', 'self', 'operator']).default('operator'),
    )
    .option('--of <name>', 'this instance alone')
    .option('--within <duration>', "how long it may take: 500ms, 60s, 5m (default: the pod's grace)", parseDuration)
    .option('--wait', 'until they have left')
    .option('--json', 'print one JSON object')
    .addHelpText('after', companionCodes)
    .action((options: DrainOptions) => run('drain', options.json === true, () => drain(options)));
  withExamples(
    command,
    ['graceful companion drain', 'returns at once'],
    ['graceful companion drain --of cart --within 20s --wait', 'one of them, and until it has left'],
  );
}

async function drain({ reason, of, within, wait, json, socket }: DrainOptions): Promise<number> {
  const signal = untilSignal();
  const { CompanionControl } = await import('@graceful/companion/control');
  const control = new CompanionControl({ ...(socket !== undefined && { socket }) });
  const begun = performance.now();
  const { id } = await control.drain({
    reason,
    ...(of !== undefined && { scope: of }),
    ...(within !== undefined && { deadlineMs: within }),
  });
  const whom = of === undefined ? 'the pod' : printable(of);
  const tell = (done: string, words: string, to: NodeJS.WriteStream = process.stdout) => {
    const ms = Math.round(performance.now() - begun);
    if (json) process.stdout.write(`${jsonLine({ done, id, durationMs: ms })}\n`);
    else to.write(`drain: ${words.replace('%', duration(ms))}\n`);
  };
  if (!wait) {
    tell('begun', `${whom} has been told to leave`);
    return exitCode.done;
  }
  try {
    // An instance that hangs is ended by whoever runs it, not by the companion: not waited for without an end.
    const limitMs = (within ?? longestGraceMs) + marginMs;
    const hasLeft = await orAborted(signal, control.reached('drained', limitMs, of));
    const { instances } = await orAborted(signal, control.state());
    const others = instances.filter((one) => (of === undefined || one.name === of) && !inOrder.includes(one.state));
    if (hasLeft && others.length === 0) {
      tell('ok', `${whom} has left, in %`);
      return exitCode.done;
    }
    const how = others.map(({ name, state }) => `${printable(name)} is ${state}`).join(', ');
    tell('failed', `${whom} has not left in order, in %${how && `: ${how}`}`, process.stderr);
    return exitCode.failed;
  } catch (error) {
    if (!(error instanceof SignalEnd)) throw error;
    tell('interrupted', `${whom} goes on leaving; "graceful companion state" tells how it comes along`, process.stderr);
    return error.exitCode;
  }
}

/** What cluster autoscalers allow a pod at most by default: 10 min. */
const longestGraceMs = 600_000;
/** For the last word of whoever was drained in the very last moment. */
const marginMs = 1_000;

/** How an instance is that has left as it should. */
const inOrder: readonly InstanceState[] = ['drained', 'exited'];

async function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return await Promise.race([
    work,
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    }),
  ]);
}
