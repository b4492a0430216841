/** What is borrowed from the scenario suite, in one place: its strict client, its services and its harness. */
export {
  ConnectError,
  type Connection,
  late,
  type RawRequest,
  Relay,
  straight,
  within,
} from '@graceful/conformance/client';
export { type Adapter, adapters } from '@graceful/test/harness/adapters.js';
export { describe } from '@graceful/test/harness/narrative.js';
export type { DrainConfig, ServiceConfig } from '@graceful/test/harness/protocol.js';
export { readLog } from '@graceful/test/harness/report.js';
export { type Exit, ServiceProcess } from '@graceful/test/harness/service-process.js';
export { Trial } from '@graceful/test/harness/trial.js';
export { clientHello } from '@graceful/test/tls/client-hello.js';
export { inPieces } from '@graceful/test/tls/in-pieces.js';
