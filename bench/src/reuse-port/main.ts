import { spawnSync } from 'node:child_process';
import { release } from 'node:os';
import { keepResults } from '../report/results.js';
import { table } from '../report/table.js';
import { connectionsAtOnce, type Loss, replacements, underLoad, whileBusy } from './rounds.js';
import type { Way } from './service.js';

/*
 * What it costs when two processes have a socket each (SO_REUSEPORT) instead of one together.
 *
 *   node bench/dist/reuse-port/main.js [NODE…]
 *
 * NODE are binaries of the versions to look at; this one, if none is named.
 */
const nodes = process.argv.length > 2 ? process.argv.slice(2) : [process.execPath];
const rounds = 5;

/** `reusePort` came with 23.1 and 22.12; before, it is ignored, and the second process finds the port in use. */
function hasReusePort(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
}

function shown(losses: readonly Loss[]): readonly string[] {
  const lost = losses.reduce((sum, loss) => sum + loss.lost, 0);
  const asked = losses.reduce((sum, loss) => sum + loss.asked, 0);
  return [
    lost === 0 ? '0' : `**${lost.toLocaleString('en-US')}**`,
    asked.toLocaleString('en-US'),
    losses.map((loss) => loss.lost).join(', '),
    [...new Set(losses.flatMap(({ how }) => how.map((text) => text.replace(/^\d+ × /, ''))))].join('; '),
  ];
}

const busyRows: string[][] = [];
const loadRows: string[][] = [];
for (const node of nodes) {
  const version = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
  const ways: readonly Way[] = hasReusePort(version) ? ['shared', 'reuse-port'] : ['shared'];
  for (const way of ways) {
    const name = way === 'shared' ? 'one socket, shared' : '`reusePort: true`, a socket each';
    const busy: Loss[] = [];
    for (let round = 0; round < rounds; round++) busy.push(await whileBusy(node, way));
    busyRows.push([version, name, ...shown(busy)]);
    loadRows.push([version, name, ...shown([await underLoad(node, way)])].toSpliced(4, 1));
    process.stderr.write(`reuse-port: ${version}, ${name}\n`);
  }
}

await keepResults(
  'reuse-port',
  'A socket each, or one together',
  [`Linux ${release()}`],
  [
    'Two processes serve on one port, and one of them closes its listener. With a socket each the kernel has already given a connection to one of the two when it is complete; ' +
      'what the one that leaves has not accepted by then is reset (unless `net.ipv4.tcp_migrate_req` is set, Linux 5.14). A socket that both have has one queue: who stays takes all of it.',
    `## The old one is busy\n\n${connectionsAtOnce} clients connect and ask while the old process is busy; then it closes its listener, and serves on what it has accepted. ${rounds} rounds.`,
    table(['Node.js', '', 'lost', 'of', 'in each round', 'how'], busyRows),
    `## Nobody is busy\n\n${replacements} replacements one after the other; 20 clients with a connection for each request.`,
    table(['Node.js', '', 'lost', 'of', 'how'], loadRows),
  ],
);
