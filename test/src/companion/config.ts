import type { CompanionOptions } from '@graceful/companion';

/** The companion that a test wants; in the environment as JSON, under `GRACEFUL_TEST`. */
export type CompanionConfig = Omit<CompanionOptions, 'logger' | 'exit'>;
