import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { programsImage } from '../src/containers/images/service-images.js';
import { nameOf, type SignalRow, signalRows } from '../src/containers/signal-rows.js';
import { tryRow } from '../src/containers/signal-trial.js';
import { describeContainers } from './describe-containers.js';

/** Of the services; vitest itself may run on another. */
const [major = 0] = spawnSync(process.env['GRACEFUL_TEST_NODE'] ?? process.execPath, [
  '-p',
  'process.versions.node',
])
  .stdout.toString()
  .split('.')
  .map(Number);

await describeContainers(
  'what becomes of a service at docker stop',
  () => {
    const rows = signalRows.filter(({ fromNode = 0 }) => fromNode <= major);
    it.for(rows.map((row) => ({ row, name: nameOf(row) })))('$row.verdict: $name', async ({ row }) => {
      const { output, ms, ...outcome } = await tryRow(row);
      expect(outcome, `after ${Math.round(ms)} ms\n${output}`).toEqual({
        verdict: row.verdict,
        exitCode: row.exitCode,
      });
    });
  },
  { images: programsImage },
);

it('the page on containers has the rows, as they are tested', () => {
  const page = readFileSync(new URL('../../docs/containers.md', import.meta.url), 'utf8');
  const [, matrix = ''] = page.split('## The matrix\n');
  const lines = matrix.split('\n').filter((line) => line.startsWith('| `'));
  expect(lines.map(cellsOf)).toEqual(signalRows.map(asInPage));
});

/** Of a line of the table: what is written, the verdict, the exit code. */
function cellsOf(line: string): string[] {
  return line
    .split('|')
    .map((cell) => cell.trim())
    .slice(1, 4);
}

function asInPage(row: SignalRow): string[] {
  const written = [...(row.init ? ['docker run --init'] : []), ...row.write];
  return [written.map((each) => `\`${each}\``).join('<br>'), row.verdict, String(row.exitCode)];
}
