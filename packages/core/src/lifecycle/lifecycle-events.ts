import type { HookReport, ShutdownReport } from './report.js';
import type { StateName } from './state.js';

/** What the lifecycle tells whoever watches it. */
export interface LifecycleEvents {
  /** The lifecycle moved on. `reason` tells why the shutdown began, or why the service is held back. */
  state: { readonly state: StateName; readonly previous: StateName; readonly reason?: string };
  /** A hook ended; `thrown` is what it threw, as it was thrown. */
  hook: HookReport & { readonly thrown?: unknown };
  /** A signal came. `first` began the shutdown; the others changed nothing. */
  signal: { readonly signal: string; readonly first: boolean };
  /** Something was thrown that nobody caught, or by a drainable, tracked work or a listener. */
  error: { readonly error: unknown; readonly from: string };
  /** The shutdown is over. */
  report: ShutdownReport;
}

/** How a room tells its events: it does not know who listens. */
export type Emit<Events> = <Name extends keyof Events>(name: Name, event: Events[Name]) => void;
