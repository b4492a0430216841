import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { once } from 'node:events';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { keepResults } from '../report/results.js';
import { median, quantile } from '../report/statistics.js';
import { table } from '../report/table.js';
import { nextMessage, startProgram } from '../service/process.js';
import { BenchInstance } from './instances.js';
import type { CompanionPlan, Usage } from './server.js';

/*
 * What a companion costs, and how many messages it takes on one core.
 *
 *   node bench/dist/companion/main.js
 */
const instanceCount = 100;
const messagesPerSecond = 10_000;
const settleMs = 3_000;
const idleMs = 20_000;
const loadMs = 20_000;
/** So often a batch of messages goes out. */
const beatMs = 10;

const folder = mkdtempSync(join(tmpdir(), 'bench-companion-'));
const plan: CompanionPlan = {
  socket: join(folder, 'run', 'control.sock'),
  receipts: join(folder, 'receipts.ndjson'),
};
const companion = startProgram(new URL('server.js', import.meta.url), [JSON.stringify(plan)]);
const { port } = await nextMessage<{ port: number }>(companion);
const isPinned = pinned();

async function usage(): Promise<Usage> {
  const answer = nextMessage<Usage>(companion);
  companion.send({});
  return answer;
}

/** The companion on one core, whoever asks it on another. */
function pinned(): boolean {
  try {
    execFileSync('taskset', ['-a', '-p', '-c', '0', String(companion.pid)]);
    execFileSync('taskset', ['-a', '-p', '-c', '1', String(process.pid)]);
    return true;
  } catch {
    return false;
  }
}

/** How long a probe takes while something else goes on, in milliseconds. */
async function probes(until: Promise<unknown>): Promise<readonly number[]> {
  const took: number[] = [];
  const over = new AbortController();
  void until.finally(() => over.abort());
  while (!over.signal.aborted) {
    const at = performance.now();
    const outgoing = request({ host: '127.0.0.1', port, path: '/livez', agent: false }).end();
    const [response] = (await once(outgoing, 'response')) as [import('node:http').IncomingMessage];
    response.resume();
    await once(response, 'end');
    took.push(performance.now() - at);
    await delay(50);
  }
  return took;
}

async function idle(): Promise<Usage> {
  await delay(settleMs);
  await usage();
  await delay(idleMs);
  return usage();
}

/** The same messages in the same time, whatever it takes: none of them waits for an answer. */
async function streamed(
  instances: readonly BenchInstance[],
): Promise<{ sent: number; applied: number; tookMs: number }> {
  const upstreams = instances.map((instance) => instance.upstream());
  const beats = loadMs / beatMs;
  const perBeat = (messagesPerSecond * beatMs) / 1_000;
  let turn = 0;
  const begun = performance.now();
  for (let beat = 0; beat < beats; beat++) {
    for (let index = 0; index < perBeat; index++) upstreams[turn++ % upstreams.length]?.say(1);
    const waitMs = begun + (beat + 1) * beatMs - performance.now();
    if (waitMs > 0) await delay(waitMs);
  }
  const applied = await Promise.all(upstreams.map((upstream) => upstream.end()));
  return {
    sent: beats * perBeat,
    applied: applied.reduce((sum, count) => sum + count, 0),
    tookMs: performance.now() - begun,
  };
}

/** Each instance asks as soon as it is answered. */
async function patched(
  instances: readonly BenchInstance[],
): Promise<{ sent: number; applied: number; tookMs: number }> {
  const begun = performance.now();
  let sent = 0;
  let applied = 0;
  await Promise.all(
    instances.map(async (instance) => {
      while (performance.now() - begun < loadMs) {
        sent++;
        if (await instance.patch()) applied++;
      }
    }),
  );
  return { sent, applied, tookMs: performance.now() - begun };
}

async function loaded(
  name: string,
  instances: readonly BenchInstance[],
  load: (instances: readonly BenchInstance[]) => Promise<{ sent: number; applied: number; tookMs: number }>,
): Promise<string[]> {
  await usage();
  const work = load(instances);
  const took = await probes(work);
  const { sent, applied, tookMs } = await work;
  const { residentBytes, cpuShare } = await usage();
  const believed = await Promise.all(instances.map((instance) => instance.believed()));
  const wrong = instances.filter((instance, index) => instance.said !== believed[index]).length;
  return [
    name,
    Math.round(sent / (tookMs / 1_000)).toLocaleString('en-US'),
    sent.toLocaleString('en-US'),
    (sent - applied).toLocaleString('en-US'),
    `${wrong}`,
    percent(cpuShare),
    megabytes(residentBytes),
    `${median(took).toFixed(1)}, ${quantile(took, 0.99).toFixed(1)}`,
  ];
}

const percent = (share: number) => `${(share * 100).toFixed(share < 0.1 ? 2 : 0)} %`;
const megabytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MiB`;

try {
  const idleRows: string[][] = [];
  const alone = await idle();
  idleRows.push(['no instance', megabytes(alone.residentBytes), percent(alone.cpuShare)]);
  const instances: BenchInstance[] = [];
  for (let index = 0; index < instanceCount; index++) {
    instances.push(await BenchInstance.join(plan.socket, `instance-${index}`));
  }
  const joined = await idle();
  idleRows.push([`${instanceCount} instances`, megabytes(joined.residentBytes), percent(joined.cpuShare)]);
  const loadRows = [
    await loaded('a line each on a long request (`POST …/state`)', instances, streamed),
    await loaded('a request each (`PATCH`), as fast as it goes', instances, patched),
  ];
  for (const instance of instances) instance.leave();
  await keepResults(
    'companion',
    'The companion',
    [
      `Linux ${release()}`,
      isPinned ? 'the companion on one core, its clients on another' : 'not pinned to a core',
    ],
    [
      `## At rest\n\nOver ${idleMs / 1_000} s, ${settleMs / 1_000} s after the last that happened.`,
      table(['', 'resident', 'of one core'], idleRows),
      `## Under load\n\n${instanceCount} instances, ${loadMs / 1_000} s each. Every message says another figure: one that was not applied, or a last one that is not believed, is lost.`,
      table(
        [
          '',
          'messages a second',
          'sent',
          'not applied',
          'instances with another last figure',
          'of one core',
          'resident',
          'a probe meanwhile: median, p99 (ms)',
        ],
        loadRows,
      ),
    ],
  );
} finally {
  companion.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
