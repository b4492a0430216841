import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freePort, Ledger } from '@graceful/conformance/client';
import { crowd, sendRequests } from './demo/clients.js';
import { Releases } from './demo/releases.js';
import { Story } from './demo/story.js';
import { serving } from './demo/serving.js';
import { printOutcome, printTimeline } from './demo/timeline.js';
import { picture } from './picture/picture.js';

/** Between one upgrade and the next, so that there is something to see. */
const betweenMs = 1_000;
const releases = [
  { version: '1.1.0' },
  { version: '1.2.0', broken: true },
  { version: '1.2.1' },
  { version: '1.3.0' },
] as const;

/** `--svg FILE`: draw what happened, too. */
const { values: options } = parseArgs({ options: { svg: { type: 'string' } } });

const installed = new Releases();
installed.install({ version: '1.0.0' });
const port = await freePort();
const service = spawn(process.execPath, [installed.program], {
  env: { ...process.env, PORT: String(port), PID_FILE: installed.pidFile },
  stdio: ['ignore', 'pipe', 'ignore'],
});
const story = new Story(service.stdout);
const first = await story.next('ready');
let pid = first.pid;
// Whatever goes wrong here, no generation stays behind.
process.once('exit', () => {
  stop('SIGKILL');
  installed.remove();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

console.log(
  `A service is replaced under load: ${crowd.keptAlive} kept-alive clients, ${crowd.fresh} with a fresh connection for\n` +
    `each request, ${crowd.slow} that wait 2 s for each answer; every other request a POST of 16 KB; none retries.\n`,
);
const ledger = new Ledger();
let enough = false;
const load = sendRequests({ host: '127.0.0.1', port, tls: false }, ledger, () => enough);
for (const release of releases) {
  await sleep(betweenMs);
  installed.install(release);
  // Listened for before it can happen: all of it may come in one piece.
  const over = story.next('handed over', 'upgrade failed');
  const gone = story.next('gone');
  process.kill(pid, 'SIGUSR2');
  if ((await over).what === 'upgrade failed') continue;
  pid = story.happenings.findLast(({ what }) => what === 'ready')?.pid ?? pid;
  // The next upgrade is refused while the generation before is still there.
  await gone;
}
await sleep(betweenMs);
enough = true;
await load;
const gone = story.next('gone');
stop('SIGTERM');
await gone;

const outcome = { happenings: story.happenings, generations: serving(ledger, story.happenings), ledger };
printTimeline(outcome);
const complaints = printOutcome(outcome);
if (options.svg !== undefined) writeFileSync(options.svg, picture(outcome));
ledger.destroy();
process.exitCode = complaints === 0 ? 0 : 1;

function stop(signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has gone already.
  }
}
