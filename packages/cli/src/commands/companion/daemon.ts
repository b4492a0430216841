import { type Command, Option } from 'commander';
import type { CompanionOptions } from '@graceful/companion';
import { type CompanionSocket, withCompanionSocket } from '../../options/companion-socket.js';
import { addExpected, type ExpectedInstance } from '../../options/expected-instance.js';
import { parseMetricsAddress } from '../../options/listen-address.js';
import { pathOf } from '../../options/path.js';
import { parseGroup, parseMs } from '../../options/values.js';
import { runLog } from '../../output/run-log.js';
import type { Run } from '../command.js';
import { withExamples } from '../help.js';

/** As commander gives them: what was not typed is not there. */
interface DaemonOptions extends CompanionSocket {
  readonly socketGroup?: number;
  readonly kubelet?: ReturnType<typeof parseMetricsAddress>;
  readonly metrics?: ReturnType<typeof parseMetricsAddress>;
  readonly expect?: readonly ExpectedInstance[];
  readonly holdMinMs?: number;
  readonly holdQuietMs?: number;
  readonly holdMaxMs?: number;
  readonly graceMs?: number;
  readonly lingerMs?: number;
  readonly receiptsFile?: string;
  readonly terminationLog?: string | false;
  readonly stateFile?: string;
  readonly podName?: string;
  readonly podUid?: string;
  readonly json?: true;
}

/** `graceful companion` */
export function addDaemon(program: Command, run: Run): Command {
  const command = program
    .command('companion')
    .summary('leave together with the service of a pod')
    .description(
      'Run the companion of a pod: probes for all of it, a preStop hold that ends when traffic has, one deadline, and a receipt of every departure.',
    );
  withCompanionSocket(command)
    .addOption(option('--socket-group <gid>', 'the group that may open the control socket', parseGroup))
    .addOption(
      option(
        '--kubelet <[host:]port>',
        'for /startupz, /readyz, /livez and /hold (default: 9901)',
        parseMetricsAddress,
      ),
    )
    .addOption(option('--metrics <[host:]port>', 'serve /metrics to Prometheus there', parseMetricsAddress))
    .addOption(
      option(
        '--expect <instance>',
        'name[:port[+port]][,after=name[+name]][,container=name]; may be given several times',
        addExpected,
      ),
    )
    .addOption(
      option('--hold-min-ms <ms>', 'how long a preStop hook is held at least (default: 5000)', parseMs),
    )
    .addOption(
      option(
        '--hold-quiet-ms <ms>',
        'how long nothing must have come, to release it (default: 2000)',
        parseMs,
      ),
    )
    .addOption(option('--hold-max-ms <ms>', 'how long it is held at most (default: 15000)', parseMs))
    .addOption(option('--grace-ms <ms>', "the pod's terminationGracePeriodSeconds (default: 30000)", parseMs))
    .addOption(
      option(
        '--linger-ms <ms>',
        'how long to stay for a last scrape when all have gone (default: 0)',
        parseMs,
      ),
    )
    .addOption(option('--receipts-file <path>', 'a file that receipts are written to, too', pathOf('a file')))
    .addOption(
      option(
        '--termination-log <path>',
        "the container's last message (default: /dev/termination-log)",
        pathOf('a file'),
      ),
    )
    .option('--no-termination-log', 'leave none')
    .addOption(
      option(
        '--state-file <path>',
        'what a restart of the companion alone goes on from (default: beside the socket)',
        pathOf('a file'),
      ),
    )
    .addOption(new Option('--pod-name <name>', 'metadata.name').env('POD_NAME'))
    .addOption(new Option('--pod-uid <uid>', 'metadata.uid').env('POD_UID'))
    .option('--json', 'log as JSON, one object a line')
    .addHelpText(
      'after',
      '\nEach option may be given in the environment: --grace-ms as GRACEFUL_COMPANION_GRACE_MS.\n' +
        '\nExit codes:\n  0  every departure was clean, or nobody left\n  64  one was forced\n  65  one dropped requests\n  66  of one nobody knows\n  2   the options are wrong, or an address is taken',
    )
    .action((options: DaemonOptions) => run('companion', options.json === true, () => accompany(options)));
  return withExamples(
    command,
    ['graceful companion --expect orders:3000 --grace-ms 45000', 'in a pod with one service'],
    ['graceful companion --expect nginx:80 --expect orders:3000,after=nginx', 'nginx leaves first'],
    ['graceful companion state', 'how is the pod?'],
  );
}

/** Typed, or in the environment. */
function option<T>(flags: string, words: string, parse: (text: string, before: T) => T): Option {
  const [, name = ''] = /^--(\S+)/.exec(flags) ?? [];
  const variable = `GRACEFUL_COMPANION_${name.replaceAll('-', '_').toUpperCase()}`;
  return new Option(flags, words).env(variable).argParser(parse);
}

async function accompany(options: DaemonOptions): Promise<number> {
  // Whoever only asks one need not load it.
  const { startCompanion } = await import('@graceful/companion');
  const companion = await startCompanion({
    ...companionOptions(options),
    logger: runLog(process.stderr, options.json === true),
    exit: false,
  });
  return companion.ended;
}

/** Options that the companion calls the same. */
const asGiven = [
  'socket',
  'socketGroup',
  'kubelet',
  'metrics',
  'expect',
  'graceMs',
  'lingerMs',
  'stateFile',
  'podName',
  'podUid',
] as const;

function companionOptions(options: DaemonOptions): CompanionOptions {
  const {
    holdMinMs: minMs,
    holdQuietMs: quietMs,
    holdMaxMs: maxMs,
    receiptsFile: file,
    terminationLog,
  } = options;
  return {
    ...given(Object.fromEntries(asGiven.map((key) => [key, options[key]]))),
    hold: given({ minMs, quietMs, maxMs }),
    receipts: given({ file, terminationLog }),
  };
}

/** What was typed. */
function given<Values extends object>(values: Values): { [Key in keyof Values]?: NonNullable<Values[Key]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Values]?: NonNullable<Values[Key]>;
  };
}
