import { parseArgs } from 'node:util';
import { keepResults } from '../report/results.js';
import { contestants } from './contestants/all.js';
import { upgradePlan } from './plan.js';
import { upgradeSections } from './report.js';
import { type Played, play } from './run.js';

/*
 * The same load over every way to replace a running server.
 *
 *   node bench/dist/upgrade/main.js [CONTESTANT…] [--ours] [--upgrades N] [--quiet-ms MS] [--idle-ms MS]
 *
 * Kept are runs with the plan as it is: of all of them, and with `--ours`,
 * under the name of the Node that it runs on, of this project's alone.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ours: { type: 'boolean', default: false },
    upgrades: { type: 'string' },
    'quiet-ms': { type: 'string' },
    'idle-ms': { type: 'string' },
  },
});
const ids = contestants.map(({ id }) => id);
for (const id of positionals) {
  if (!ids.includes(id)) throw new TypeError(`Expected some of ${ids.join(', ')}, got ${id}`);
}
const wanted = contestants.filter(
  ({ id, role }) =>
    (positionals.length === 0 || positionals.includes(id)) && (!values.ours || role === 'ours'),
);
const plan = {
  ...upgradePlan,
  ...(values.upgrades !== undefined && {
    upgrades: Number(values.upgrades),
    peerUpgrades: Number(values.upgrades),
  }),
  ...(values['idle-ms'] !== undefined && { idleMs: Number(values['idle-ms']) }),
  ...(values['quiet-ms'] !== undefined && { quietMs: Number(values['quiet-ms']) }),
};

const versions = await Promise.all(
  wanted.map(async ({ name, version }) => {
    const found = await version();
    if (found !== undefined) return found;
    throw new Error(`nothing here for "${name}"; .ci/with-proxies installs nginx and HAProxy`);
  }),
);
const playeds: Played[] = [];
for (const contestant of wanted) playeds.push(await play(contestant, plan));
const sections = upgradeSections(plan, playeds);
const { ours, ...changed } = values;
const asPlanned = positionals.length === 0 && Object.keys(changed).length === 0;
const name = ours ? `upgrade-node-${process.versions.node.split('.')[0]}` : 'upgrade';
if (asPlanned) await keepResults(name, 'Hot upgrades under load', [...new Set(versions)], sections);
else process.stdout.write(`${sections.join('\n\n')}\n`);
