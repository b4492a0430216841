import { type Command, Option } from 'commander';
import type { TargetOutcome } from '@graceful/companion/wait';
import { exitCode } from '../exit-code.js';
import { parseDuration } from '../options/values.js';
import type { WaitVerdict } from '../output/wait/wait-presenter.js';
import { SignalEnd, untilSignal } from '../until-signal.js';
import type { Run } from './command.js';
import { withExamples } from './help.js';

/** As commander gives them; durations in milliseconds. */
interface WaitOptions {
  readonly timeout: number;
  readonly attempt: number;
  readonly insecure?: true;
  readonly json?: true;
}

/** `graceful wait` */
export function addWait(program: Command, run: Run): void {
  const command = program
    .command('wait')
    .summary('wait until what a service needs is there')
    .description(
      'Wait until all targets are there, each looked at by itself: before a service starts, in an initContainer or a script.',
    )
    .argument(
      '<target...>',
      'tcp://host:port, http://… or https://… (200 to 299), dns:name, file:/path, unix:/path',
    )
    .addOption(
      new Option('--timeout <duration>', 'how long all of it may take')
        .argParser(parseDuration)
        .default(60_000, '60s'),
    )
    .addOption(
      new Option('--attempt <duration>', 'how long one look may take')
        .argParser(parseDuration)
        .default(5_000, '5s'),
    )
    .option('--insecure', 'believe any certificate of https://')
    .option('--json', 'print what happens as JSON, one object a line')
    .addHelpText('after', codes)
    .action((targets: string[], options: WaitOptions) =>
      run('wait', options.json === true, () => wait(targets, options)),
    );
  withExamples(
    command,
    ['graceful wait tcp://db:5432 http://auth/readyz', 'both, or exit code 1 after 60 s'],
    ['graceful wait dns:orders file:/run/ready --timeout 5m', 'a name that resolves, and a file'],
    ['graceful wait unix:/run/app.sock --json | tail -n 1', 'what came of it, for programs'],
  );
}

const codes = `
Exit codes:
  0    all of them are there
  1    not in time: what is missing is said, and why
  2    not asked in order; nothing was looked at
  143  ended by SIGTERM (130: by Ctrl-C)`;

async function wait(words: readonly string[], options: WaitOptions): Promise<number> {
  const signal = untilSignal();
  const { parseTarget, waitFor, WaitError } = await import('@graceful/companion/wait');
  const { waitPresenterFor } = await import('../output/wait/wait-presenter-for.js');
  boundResolver();
  // Twice the same is once.
  const targets = [...new Set(words)].map((word) => parseTarget(word));
  const outcomes = new Map<string, TargetOutcome>(
    targets.map(({ text, kind }) => [
      text,
      { state: 'missing', target: text, kind, afterMs: 0, tries: 0, because: 'not looked at yet' },
    ]),
  );
  const presenter = waitPresenterFor(
    [...outcomes.keys()],
    options.json === true,
    process.stdout,
    process.stderr,
  );
  const begun = performance.now();
  const end = (verdict: WaitVerdict, last: readonly TargetOutcome[]) =>
    presenter.end({ ...verdict, durationMs: Math.round(performance.now() - begun), targets: last });
  try {
    const there = await waitFor(targets, {
      timeoutMs: options.timeout,
      attemptMs: options.attempt,
      insecure: options.insecure === true,
      signal,
      onProgress(progress) {
        outcomes.set(progress.target, progress);
        presenter.progress(progress);
      },
    });
    end({ done: 'ok' }, there);
    return exitCode.done;
  } catch (error) {
    if (error instanceof WaitError) {
      end({ done: 'failed', code: 'timeout' }, error.targets);
      return exitCode.failed;
    }
    if (error instanceof SignalEnd) {
      end({ done: 'interrupted', code: error.signal }, [...outcomes.values()]);
      return error.exitCode;
    }
    throw error;
  }
}

/**
 * A question to the system's resolver cannot be called off, and no process
 * ends before its answer. Of glibc's: one question, and 2 s for each name
 * server, rather than two of 5 s (resolv.conf(5)). We ask again by ourselves.
 */
function boundResolver(): void {
  process.env['RES_OPTIONS'] ??= 'timeout:2 attempts:1';
}
