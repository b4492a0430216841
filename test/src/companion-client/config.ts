import type { CompanionClientOptions } from '@graceful/companion/client';
import type { DrainOptions } from '@graceful/core';

/** The service that a test wants; in the environment as JSON, under `GRACEFUL_TEST`. */
export interface ClientServiceConfig {
  readonly framework?: 'core' | 'express' | 'fastify';
  readonly companion: Partial<CompanionClientOptions>;
  readonly drain?: DrainOptions;
  /** Does not listen: has nothing to do, and so ends by itself. */
  readonly idle?: boolean;
  /** A hook that throws, with a message of so many characters, each. */
  readonly failingHooks?: readonly number[];
}
