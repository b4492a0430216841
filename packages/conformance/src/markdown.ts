import { type ConformanceReport, type RowReport, summary } from './report.js';

const results = { passed: 'yes', failed: '**no**', skipped: 'not played' } as const;

/** The report as a table in Markdown, and below it what was not as it should be. */
export function toMarkdown(report: ConformanceReport): string {
  const table = [
    '| the service | | lost | turned away | of | exit |',
    '| --- | --- | --- | --- | --- | --- |',
    ...report.rows.map(line),
  ];
  const failures = report.rows.filter(({ violations }) => violations.length > 0).map(failure);
  const head = `\`${report.command.join(' ')}\`, ${report.startedAt.slice(0, 10)}: ${summary(report)}.`;
  return [head, table.join('\n'), ...failures].join('\n\n') + '\n';
}

function line({ name, result, requests, exit, needs }: RowReport): string {
  const { lost, turnedAway, sent } = requests;
  if (result === 'skipped')
    return `| ${cell(name)} | ${results[result]}: give \`${needs.join('`, `')}\` | | | | |`;
  return `| ${cell(name)} | ${results[result]} | ${lost} | ${turnedAway} | ${sent} | ${ending(exit)} |`;
}

function ending(exit: RowReport['exit']): string {
  if (exit === undefined) return '';
  return exit === 'never' ? 'never' : `${exit.how} after ${exit.afterMs} ms, lag ${exit.lagMs} ms`;
}

function failure({ id, violations }: RowReport): string {
  return [`\`${id}\`:`, ...violations.map((violation) => `- ${cell(violation)}`)].join('\n');
}

/** What a service says must not break the table that it stands in. */
function cell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', String.raw`\|`);
}
