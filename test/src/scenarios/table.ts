import { crashes } from './crashes.js';
import { endings } from './endings.js';
import { eventStreams } from './event-streams.js';
import { halfSent } from './half-sent.js';
import { hooks } from './hooks.js';
import { keptAlive } from './kept-alive.js';
import { pipelined } from './pipelined.js';
import { probes } from './probes.js';
import { responses } from './responses.js';
import type { Scenario } from './scenario.js';
import { severalServers } from './several-servers.js';
import { silent } from './silent.js';
import { slowClients } from './slow-clients.js';
import { uploads } from './uploads.js';

/** Every scenario, by its subject: the rows of the table whose columns are the adapters. */
export const table: Readonly<Record<string, readonly Scenario[]>> = {
  'kept-alive and fresh connections': keptAlive,
  responses,
  'event streams': eventStreams,
  uploads,
  'pipelined requests': pipelined,
  'requests half sent': halfSent,
  'slow clients': slowClients,
  'silent connections': silent,
  endings,
  hooks,
  crashes,
  probes,
  'several servers': severalServers,
};
