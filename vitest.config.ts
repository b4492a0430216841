import { defineConfig } from 'vitest/config';
import FailuresReporter from './scripts/failures-reporter.js';

/** Where to write down what failed, as `.ci/run` asks. */
const failures = process.env['FAILURES_FILE'];

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts', 'examples/*/test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['test/containers/leave-nothing.ts'],
    typecheck: {
      enabled: true,
      include: ['packages/*/test/**/*.test-d.ts'],
      tsconfig: './tsconfig.types.json',
    },
    ...(failures && { reporters: ['default', new FailuresReporter(failures)] }),
    // Real processes and sockets on a machine of two cores: two files at a
    // time, and within a file a few services at once (see test/harness).
    maxWorkers: 2,
    maxConcurrency: 4,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
