import type { ShutdownReport } from './lifecycle/report.js';
import type { Logger } from './observe/log.js';
import type { Figures } from './observe/metrics.js';

/** What the client of a companion may do with a service beside its users; see `@graceful/core/companion`. */
export interface CompanionKit {
  /** Of this interface. */
  readonly version: 1;
  /** The service's own. */
  readonly logger: Logger | false;
  /** What a shutdown may take at the most, in milliseconds. */
  readonly budgets: { readonly delayMs: number; readonly requestsMs: number; readonly hooksMs: number };
  /** How things are. */
  readonly figures: Figures;
  /** Why the service is held back, if it is. */
  readonly heldBack: string | undefined;
  /** The TCP ports it listens on, but for that of the probes. */
  ports(): readonly number[];
  /** Hear that readiness or what listens may have changed. */
  onChange(listener: () => void): Disposable;
  /** Do something with the report before the process ends; it is waited for, for a second at most. */
  farewell(step: (report: ShutdownReport) => Promise<void>): Disposable;
}
