import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** A test that failed. */
interface Failed {
  readonly name: string;
  /** All that is known of why. */
  readonly why: string;
}

/** What one run of the suite came to. */
export interface SuiteResult {
  /** Of the Node that the services ran on. */
  readonly version: string;
  readonly passed: number;
  readonly failed: readonly Failed[];
}

/** What is read of vitest's report. */
interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Run the tests in `files`, with services on the Node at the path `node`. */
export async function runSuite(node: string, files: readonly string[]): Promise<SuiteResult> {
  const { stdout } = await promisify(execFile)(node, ['--version']);
  const folder = await mkdtemp(join(tmpdir(), 'graceful-soak-'));
  try {
    const output = join(folder, 'report.json');
    const vitest = spawn(
      process.execPath,
      [
        join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--reporter=json',
        `--outputFile=${output}`,
        ...files,
      ],
      { cwd: root, stdio: 'ignore', env: { ...process.env, GRACEFUL_TEST_NODE: node } },
    );
    await once(vitest, 'exit');
    const report = JSON.parse(await readFile(output, 'utf8')) as Report;
    const results = report.testResults.flatMap((file) => file.assertionResults);
    return {
      version: stdout.trim(),
      passed: results.filter(({ status }) => status === 'passed').length,
      failed: results
        .filter(({ status }) => status === 'failed')
        .map(({ fullName, failureMessages }) => ({ name: fullName, why: failureMessages.join('\n') })),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
