import { afterAll } from 'vitest';
import { describeScenarios } from './scenarios/describe-scenarios.js';
import { fastifyLocalhost, listening, mixed } from './src/listeners/adapters.js';
import { SocketFolder } from './src/listeners/addresses.js';
import { localhostRows, mixedRows, severalRows } from './src/listeners/several.js';
import { unixRows } from './src/listeners/unix.js';

const sockets = new SocketFolder();
afterAll(() => sockets[Symbol.dispose]());
const path = () => sockets.path();

for (const adapter of listening) {
  describeScenarios(adapter, { 'Unix sockets': unixRows(path), 'several listeners': severalRows(path) });
}
describeScenarios(mixed, { 'several listeners': mixedRows(path) });
describeScenarios(fastifyLocalhost, { 'several listeners': localhostRows });
