import { endings, readiness } from './endings.js';
import { requestsInFlight } from './in-flight.js';
import { http2 } from './http2.js';
import { keptAlive } from './kept-alive.js';
import { openEnded } from './open-ended.js';
import { quiet } from './quiet.js';
import type { Scenario } from './scenario.js';

/** Every row, in the order of the table. */
export const scenarios: readonly Scenario[] = [
  ...keptAlive,
  ...requestsInFlight,
  ...quiet,
  ...openEnded,
  ...http2,
  ...readiness,
  ...endings,
];
