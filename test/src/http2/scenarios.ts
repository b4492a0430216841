import { frames } from './scenarios/frames.js';
import { hostile } from './scenarios/hostile.js';
import { probes } from './scenarios/probes.js';
import { sessions } from './scenarios/sessions.js';
import { sideBySide } from './scenarios/side-by-side.js';
import { streams } from './scenarios/streams.js';
import type { Http2Scenario } from './trial.js';

/** Every scenario over HTTP/2, by its subject: the rows of the table whose columns are `services.ts`. */
export const http2Table: Readonly<Record<string, readonly Http2Scenario[]>> = {
  streams,
  sessions,
  'frames on the wire': frames,
  probes,
  'HTTP/1.1 beside HTTP/2': sideBySide,
  'clients without manners': hostile,
};
