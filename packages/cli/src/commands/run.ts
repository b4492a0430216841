import { type Command, Option } from 'commander';
import { ControlServer, controlPlaces } from '@graceful/handover/control';
import type { ListenSpec, Readiness, SupervisorOptions } from '@graceful/handover/supervisor';
import type { Run } from './command.js';
import { addListen, parseMetricsAddress } from '../options/listen-address.js';
import { parseReadiness } from '../options/readiness.js';
import { controlPath, type SupervisorAddress, withSupervisorAddress } from '../options/supervisor-address.js';
import { parseCount, parseMs, parseStopSignal, parseWorkers } from '../options/values.js';
import type { MetricsEndpoint } from '../output/metrics-endpoint.js';
import { runLog } from '../output/run-log.js';
import { withExamples } from './help.js';

/** As commander gives them: what was not typed is not there. */
interface RunOptions extends SupervisorAddress {
  readonly listen?: readonly ListenSpec[];
  readonly workers?: number;
  readonly ready?: Readiness;
  readonly readyMs?: number;
  readonly listenMs?: number;
  readonly overlapMs?: number;
  readonly drainMs?: number;
  readonly stopMs?: number;
  readonly terminateMs?: number;
  readonly rolling?: true;
  readonly rollback: boolean;
  readonly rollbackCrashes: number;
  readonly rollbackWithinMs: number;
  readonly stopSignal?: NodeJS.Signals;
  readonly metrics?: ReturnType<typeof parseMetricsAddress>;
  readonly json?: true;
}

/** `graceful run` */
export function addRun(program: Command, run: Run): void {
  const command = program
    .command('run')
    .summary('hold sockets, and run a service on them')
    .usage('[options] -- command...')
    .description(
      'Hold the sockets of a service and run it: start it again when it crashes, replace it on "graceful upgrade" or SIGUSR2, ' +
        'end with it on SIGTERM. A Node service takes its socket with graceful.listen(); any other program with LISTEN_FDS.',
    )
    .argument('<command...>', 'the program, and its arguments')
    .option(
      '--listen <[name=]address>',
      'a socket to hold: 3000, 127.0.0.1:3000, [::1]:3000, unix:/path, /path; may be given several times',
      (text: string, before: readonly ListenSpec[] | undefined) =>
        addListen(text, before ?? [], process.cwd()),
    )
    .option('--workers <n>', 'processes of a generation (default: 1)', parseWorkers);
  withSupervisorAddress(command)
    .option('--no-control', 'do without a control socket')
    .option(
      '--ready <how>',
      'how it is known that a process serves: fd (it says so), http://…, tcp://host:port, timer:ms (default: fd)',
      parseReadiness,
    )
    .option('--ready-ms <ms>', 'how long a process may take to be ready (default: 60000)', parseMs)
    .option('--listen-ms <ms>', 'how long it may take to listen when it is told to (default: 10000)', parseMs)
    .option('--overlap-ms <ms>', 'how long both generations serve (default: 1000)', parseMs)
    .option('--drain-ms <ms>', 'how long an old generation may take to leave (default: 30000)', parseMs)
    .option('--stop-ms <ms>', 'how long everything may take to end at SIGTERM (default: 28000)', parseMs)
    .option(
      '--terminate-ms <ms>',
      'from SIGTERM to SIGKILL for one that is given up (default: 5000)',
      parseMs,
    )
    .option('--rolling', 'replace the processes one by one')
    .option('--rollback', 'go back by itself when a new version keeps crashing', true)
    .option('--no-rollback', 'do not')
    .addOption(
      new Option('--rollback-crashes <n>', 'how many crashes are too many').argParser(parseCount).default(3),
    )
    .addOption(
      new Option('--rollback-within-ms <ms>', 'within how long after it took over')
        .argParser(parseMs)
        .default(60_000),
    )
    .option(
      '--stop-signal <signal>',
      'how a program that is no Node service is told to leave (default: SIGTERM)',
      parseStopSignal,
    )
    .option(
      '--metrics <address>',
      'serve /metrics to Prometheus there: 9464, 127.0.0.1:9464',
      parseMetricsAddress,
    )
    .option('--json', 'log as JSON, one object a line')
    .addHelpText(
      'after',
      '\nExit codes:\n  that of the service, 128 and the number of the signal that ended it,\n  127 where its program does not exist, 2 where the options are wrong',
    )
    .passThroughOptions()
    .action((words: string[], options: RunOptions) =>
      run('run', options.json === true, () => supervise(words, options)),
    );
  withExamples(
    command,
    ['graceful run --listen http=3000 -- node server.js', 'a Node service on port 3000'],
    [
      'graceful run --listen 3000 --workers 4 --rolling -- node server.js',
      'four processes, replaced one by one',
    ],
    [
      'graceful run --listen /run/app.sock --ready timer:1000 -- gunicorn app',
      'a program of another language',
    ],
  );
}

async function supervise(words: readonly string[], options: RunOptions): Promise<number> {
  // Whoever only asks for a status need not load it.
  const { obeySignals, Supervisor } = await import('@graceful/handover/supervisor');
  const { notifySystemd } = await import('@graceful/handover/systemd');
  const logger = runLog(process.stderr, options.json === true);
  const metrics = options.metrics && (await metricsEndpoint());
  const supervisor = new Supervisor({
    ...supervisorOptions(words, options, logger),
    ...(metrics && { metrics }),
  });
  const systemd = notifySystemd(supervisor, { logger });
  let control: ControlServer | undefined;
  // First of all: as PID 1 a process without a handler never hears of SIGTERM.
  obeySignals(supervisor, (code) => {
    control?.abandon();
    process.exit(code);
  });
  if (options.control !== false) {
    // Before anything is started: whoever is the second of its name is to start nothing.
    control = await ControlServer.open(supervisor, {
      path: controlPath(options) ?? controlPlaces(options.name)[0],
      onProblem: (error) => logger.warn({ err: error }, `control socket: ${error.message}`),
    });
    logger.info({ control: control.path }, `control socket at ${control.path}`);
  }
  try {
    if (options.metrics) await metrics?.listen(options.metrics);
    const started = await supervisor.start();
    if (started.done === 'failed' && started.code !== 'aborted')
      void systemd.notifier.status(`cannot start: ${started.message}`);
    return await supervisor.ended;
  } finally {
    metrics?.close();
    await control?.close();
    await systemd.close();
  }
}

/** Whoever does not ask for metrics need not load them. */
async function metricsEndpoint(): Promise<MetricsEndpoint> {
  const { MetricsEndpoint: Endpoint } = await import('../output/metrics-endpoint.js');
  return new Endpoint();
}

/** Options that the supervisor calls the same. */
const asGiven = [
  'name',
  'listen',
  'workers',
  'rolling',
  'readyMs',
  'listenMs',
  'overlapMs',
  'drainMs',
  'stopMs',
  'terminateMs',
  'stopSignal',
] as const;

function supervisorOptions(
  command: readonly string[],
  options: RunOptions,
  logger: NonNullable<SupervisorOptions['logger']>,
): SupervisorOptions {
  const { ready, rollback, rollbackCrashes, rollbackWithinMs } = options;
  const given = Object.fromEntries(
    asGiven.map((key) => [key, options[key]]).filter(([, value]) => value !== undefined),
  );
  return {
    ...given,
    command,
    logger,
    ...(ready && { readiness: ready }),
    rollback: rollback && { crashes: rollbackCrashes, withinMs: rollbackWithinMs },
  };
}
