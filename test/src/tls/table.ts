import type { Scenario } from '../scenarios/scenario.js';
import { handshakes } from './handshakes.js';
import { idleAndActive } from './idle.js';
import { manners } from './manners.js';
import { sessions } from './sessions.js';

/** What only happens where there is TLS. */
export const tlsTable: Readonly<Record<string, readonly Scenario[]>> = {
  'TLS handshakes': handshakes,
  'TLS sessions': sessions,
  'the end of TLS connections': manners,
  'many idle TLS connections': idleAndActive,
};
