import { loadavg } from 'node:os';
import { Haproxy } from '@graceful/test/proxies/haproxy.js';
import { versionOf } from '@graceful/test/proxies/installed.js';
import { freePort } from '@graceful/conformance/client';
import { keepResults } from '../report/results.js';
import { versionsOf } from '../report/versions.js';
import { type Replacement, replaceBackend, startBackend } from './backends.js';
import { Books } from './books.js';
import { keptAliveClient } from './client.js';
import { rollingPlan } from './plan.js';
import { flawless, type RollingFigures, rollingSections } from './report.js';

/** How many replacements, where the command line says it: for a look, whose results are not kept. */
const [wanted] = process.argv.slice(2);
const plan = { ...rollingPlan, ...(wanted !== undefined && { replacements: Number(wanted) }) };

const haproxyVersion = versionOf('haproxy');
if (haproxyVersion === undefined) {
  throw new Error(
    'there is no haproxy here; .ci/with-proxies installs it: .ci/with-proxies npx --yes pnpm@12 bench:rolling',
  );
}

const figures = await roll();
const versions = [...(await versionsOf(['@graceful/core'])), `HAProxy ${haproxyVersion}`];
const sections = rollingSections(figures);
if (wanted === undefined)
  await keepResults('rolling', 'Rolling replacements behind HAProxy', versions, sections);
else process.stdout.write(`${sections.join('\n\n')}\n`);
if (!flawless(figures)) process.exitCode = 1;

async function roll(): Promise<RollingFigures> {
  const { delayMs, checkMs } = plan;
  const places = ['a', 'b'] as const;
  const backends = {
    a: await startBackend(await freePort(), delayMs),
    b: await startBackend(await freePort(), delayMs),
  };
  const port = await freePort();
  const servers = { a: backends.a.port, b: backends.b.port };
  const haproxy = await Haproxy.start({ port, servers, checkMs, checkPath: '/readyz' });
  const books = new Books();
  const begin = performance.now();
  let over = false;
  const clients = Promise.all(
    Array.from({ length: plan.clients }, () => keptAliveClient(port, plan.thinkMs, books, () => over)),
  );
  try {
    const replacements: Replacement[] = [];
    while (replacements.length < plan.replacements) {
      await books.ends(replacements.length * plan.requestsEach);
      const place = places[replacements.length % 2] ?? 'a';
      const { next, replacement } = await replaceBackend(haproxy, place, backends[place], delayMs);
      backends[place] = next;
      replacements.push(replacement);
      process.stderr.write(
        `rolling: replacement ${replacements.length} of ${plan.replacements}, ${books.all} requests, ${books.lost} lost, ${books.refused} refused\n`,
      );
    }
    await books.ends(plan.replacements * plan.requestsEach);
    over = true;
    await clients;
    const [, , loadAverage = Number.NaN] = loadavg();
    const durationMs = performance.now() - begin;
    return { plan, books, replacements, haproxy: await haproxy.figures(), durationMs, loadAverage };
  } finally {
    over = true;
    await haproxy.end();
    for (const { child } of Object.values(backends)) child.kill('SIGKILL');
  }
}
