import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Balancer } from './demo/balancer.js';
import { sendRequests } from './demo/clients.js';
import { startDatabase } from './demo/database.js';
import { complaints, type Outcome } from './demo/outcome.js';
import { seconds } from './demo/paint.js';
import { showProgress } from './demo/progress.js';
import { clientsLine, line, show, title } from './demo/screen.js';
import { startService } from './demo/service.js';
import { picture } from './demo/svg/picture.js';
import { Tally } from './demo/tally.js';

const loadBeforeSignalMs = 2_500;
/** What Kubernetes gives a pod by default, and then it kills. */
const graceMs = 30_000;

/** `--svg FILE`: draw what happened, too. */
const { values: options } = parseArgs({ options: { svg: { type: 'string' } } });

title();
const databaseAt = performance.now();
const database = await startDatabase();
line('database', `${database.version}, started in ${seconds(performance.now() - databaseAt)}`);

const serviceAt = performance.now();
const service = await startService(database.url);
// Whatever goes wrong here, the service does not stay behind. (The database never does.)
process.once('exit', () => service.kill('SIGKILL'));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
const tally = new Tally();
const balancer = new Balancer(service.port, tally);
await balancer.ready();
line('service', `Express 5 and pg, pid ${service.pid}, ready in ${seconds(performance.now() - serviceAt)}`);

line('clients', clientsLine());
const loadAt = performance.now();
const load = sendRequests(service.port, balancer, tally);
const watch = balancer.watch();
const progress = showProgress(tally);
await sleep(loadBeforeSignalMs);
const connectionsBefore = await database.connections();

const signalAt = performance.now();
service.kill('SIGTERM');
const grace = setTimeout(() => service.kill('SIGKILL'), graceMs);
const exit = await service.exited;
clearTimeout(grace);
await Promise.all([load, watch]);
progress[Symbol.dispose]();

const outcome: Outcome = {
  service,
  tally,
  loadAt,
  signalAt,
  turnedAt: balancer.turnedAt,
  exit,
  databaseConnections: { before: connectionsBefore, after: await database.connections() },
};
show(outcome);
if (options.svg !== undefined) {
  writeFileSync(
    options.svg,
    picture(outcome, `Express 5, Node.js ${process.versions.node}, ${database.version}`),
  );
}
await database.stop();
process.exitCode = complaints(outcome).length > 0 ? 1 : 0;
