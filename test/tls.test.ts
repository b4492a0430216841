import { describeScenarios } from './scenarios/describe-scenarios.js';
import { keptAlive } from './src/scenarios/kept-alive.js';
import { responses } from './src/scenarios/responses.js';
import { uploads } from './src/scenarios/uploads.js';
import { tlsAdapters } from './src/tls/adapters.js';
import { tlsTable } from './src/tls/table.js';

/** Rows of the suite in which TLS makes a difference; the core plays all of them anyway. */
const wire = {
  // Not those who come back for each answer: that many handshakes at once measure the machine.
  'kept-alive connections': keptAlive.filter(({ name }) => name.startsWith('answers clients that go on')),
  responses,
  uploads,
};

describeScenarios(tlsAdapters.core, tlsTable);
describeScenarios(tlsAdapters.express5, { ...tlsTable, ...wire });
describeScenarios(tlsAdapters.fastify5, { ...tlsTable, ...wire });
