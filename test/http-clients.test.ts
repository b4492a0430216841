import { describe, expect, it } from 'vitest';
import { bareNode } from './src/harness/adapters.js';
import { httpClients } from './src/http-clients/kinds.js';
import { connectionsKept, succeed } from './src/http-clients/succession.js';

const timeout = 240_000;

describe('a service is succeeded by another, and its client loses nothing', {
  concurrent: true,
  timeout,
}, () => {
  it.for(httpClients)('$name', async (kind) => {
    const { books, connectionsAtFirst, left } = await succeed(kind);
    expect(books.harm).toEqual([]);
    // A client that does not keep its connections has nothing to lose.
    expect(connectionsAtFirst).toBeLessThanOrEqual(2 * connectionsKept);
    expect(left).toHaveLength(2);
    for (const { exit, report } of left) {
      expect(exit).toMatchObject({ code: 0, signal: null });
      expect(report).toMatchObject({
        verdict: 'clean',
        requests: { dropped: 0 },
        connections: { forced: 0 },
        errors: [],
        heldBy: [],
      });
      // It was still used while it left, and told the client; the one that held it is no proof.
      expect(report?.requests.servedInLameDuck).toBeGreaterThan(1);
      expect(report?.connections.told).toBeGreaterThan(1);
    }
  });
});

// A suite that cannot fail proves nothing.
describe('of a service that calls server.close(), requests are lost here', {
  concurrent: true,
  timeout,
}, () => {
  it.for(httpClients)('$name', async (kind) => {
    const { books } = await succeed(kind, bareNode, false);
    expect(books.harm).not.toEqual([]);
  });
});
