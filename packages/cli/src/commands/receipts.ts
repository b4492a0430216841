import type { Command } from 'commander';
import { exitCode } from '../exit-code.js';
import { parseCount } from '../options/values.js';
import { jsonLine } from '../output/printable.js';
import type { Run } from './command.js';
import { withExamples } from './help.js';

/** As commander gives them. */
interface ReceiptsOptions {
  readonly instances?: number;
  readonly json?: true;
}

/** `graceful receipts` */
export function addReceipts(program: Command, run: Run): void {
  const command = program
    .command('receipts')
    .summary('tell whether all departures were clean')
    .description(
      'Find the receipts of departures in logs and files, and judge them: as many as there were departures, all of them clean, none missing or changed.',
    )
    .argument('<file...>', 'a file of receipts, or a log of a companion; - is the standard input')
    .option('--instances <n>', 'how many departures there were (default: at least one)', parseCount)
    .option('--json', 'print one JSON object')
    .addHelpText('after', codes)
    .action((files: string[], options: ReceiptsOptions) =>
      run('receipts', options.json === true, () => judge(files, options)),
    );
  withExamples(
    command,
    ['graceful receipts /run/graceful/receipts.ndjson', 'a file that a companion has written'],
    ['kubectl logs -f orders-7d9c5 -c companion | graceful receipts -', 'until that pod has gone'],
    ['graceful receipts --instances 3 old-*.log', 'after a rolling update of three'],
  );
}

const codes = `
Exit codes:
  0  all of them are there, and clean
  1  not all, or not clean; what speaks against them is said
  2  not asked in order; a file cannot be read`;

async function judge(files: readonly string[], { instances, json }: ReceiptsOptions): Promise<number> {
  const { judgeReceipts, readReceipts } = await import('@graceful/companion/receipts');
  const { judgementText, receiptsText } = await import('../output/receipts-text.js');
  const read = await readReceipts(files);
  const judgement = judgeReceipts(read, { ...(instances !== undefined && { instances }) });
  if (json === true) {
    process.stdout.write(`${jsonLine({ ...judgement, receipts: read.receipts })}\n`);
  } else {
    process.stdout.write(receiptsText(read.receipts));
    // What went wrong goes to where errors go.
    (judgement.ok ? process.stdout : process.stderr).write(judgementText(judgement));
  }
  return judgement.ok ? exitCode.done : exitCode.failed;
}
