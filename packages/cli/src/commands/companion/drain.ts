import { type Command, Option } from 'commander';
import type {
  CompanionControl,
  DrainRequest,
  InstanceState,
  InstanceStatus,
  ReceiptVerdict,
} from '@graceful/companion/control';
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
      new Option('--reason <reason>', 'who wants it')
        .choices(['pod', 'self', 'operator'])
        .default('operator'),
    )
    .option('--of <name>', 'this instance alone')
    .option(
      '--within <duration>',
      "how long it may take: 500ms, 60s, 5m (default: the pod's grace)",
      parseDuration,
    )
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
  const { CompanionControl } = await import('@graceful/companion/control');
  const control = new CompanionControl({ ...(socket !== undefined && { socket }) });
  const begun = performance.now();
  // Whoever has left before is nobody's business here.
  const present = wait ? await presentIn(control, of) : [];
  const { id } = await control.drain({
    reason,
    ...(of !== undefined && { scope: of }),
    ...(within !== undefined && { deadlineMs: within }),
  });
  const whom = of === undefined ? 'the pod' : printable(of);
  const end = (done: string, words: string, more: object = {}) => {
    const durationMs = Math.round(performance.now() - begun);
    const to = ['failed', 'interrupted'].includes(done) ? process.stderr : process.stdout;
    if (json) process.stdout.write(`${jsonLine({ done, id, durationMs, ...more })}\n`);
    else to.write(`drain: ${whom} ${words} after ${duration(durationMs)}\n`);
  };
  if (!wait) {
    end('begun', 'has been told to leave');
    return exitCode.done;
  }
  try {
    // An instance that hangs is ended by whoever runs it, not by the companion: not waited for without an end.
    const limitMs = (within ?? longestGraceMs) + marginMs;
    const others = await orEnded(untilSignal(), notCleanly(control, present, limitMs, of));
    if (others.length === 0) {
      end('ok', 'has left');
      return exitCode.done;
    }
    const how = others
      .map(({ name, state, verdict }) => `${printable(name)}: ${verdict ?? state}`)
      .join(', ');
    end('failed', `has not left in order (${how})`, { instances: others });
    return exitCode.failed;
  } catch (error) {
    if (!(error instanceof SignalEnd)) throw error;
    end('interrupted', 'goes on leaving; "graceful companion state" tells how it comes along;', {
      code: error.signal,
    });
    return error.exitCode;
  }
}

/** What cluster autoscalers allow a pod at most by default, 10 min, in milliseconds. */
const longestGraceMs = 600_000;
/** For the last word of whoever was drained in the very last moment. */
const marginMs = 1_000;

async function presentIn(
  control: CompanionControl,
  of: string | undefined,
): Promise<readonly InstanceStatus[]> {
  const { instances } = await control.state();
  return instances.filter(({ name, state }) => (of === undefined || name === of) && !isAway.includes(state));
}

/** How an instance is that has left, or never came. */
const isAway: readonly InstanceState[] = ['expected', 'drained', 'exited', 'crashed', 'lost', 'killed'];

/** Of those that were to leave, whoever has not, or not cleanly. */
interface Other {
  readonly name: string;
  readonly state: InstanceState;
  /** Of its receipt, once it has one. */
  readonly verdict?: ReceiptVerdict;
}

/** Wait until they have left; resolves with those that have not, or not cleanly. */
async function notCleanly(
  control: CompanionControl,
  present: readonly InstanceStatus[],
  limitMs: number,
  of: string | undefined,
): Promise<readonly Other[]> {
  if (present.length === 0) return [];
  await control.reached('drained', limitMs, of);
  const verdicts = new Map((await control.receipts()).map(({ instance, verdict }) => [instance, verdict]));
  const { instances } = await control.state();
  return instances
    .filter(({ id }) => present.some((one) => one.id === id) && verdicts.get(id) !== 'clean')
    .map(
      ({ id, name, state }) =>
        ({ name, state, ...(verdicts.has(id) && { verdict: verdicts.get(id) }) }) as Other,
    );
}

async function orEnded<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  return await Promise.race([work, ended]);
}
