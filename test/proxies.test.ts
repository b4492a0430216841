import { describe, expect, it } from 'vitest';
import { harm } from './src/examples/harm.js';
import { adapters, bareNode } from './src/harness/adapters.js';
import { haproxyWays, haproxyWithoutReadiness } from './src/proxies/haproxy-ways.js';
import { versionOf } from './src/proxies/installed.js';
import { nginxWays } from './src/proxies/nginx-ways.js';
import { roll } from './src/proxies/rolling.js';

const required = process.env['REQUIRE_PROXIES'] === '1';
const how = '.ci/with-proxies npx --yes pnpm@12 exec vitest run test/proxies.test.ts';
const proxies = { nginx: nginxWays, haproxy: haproxyWays } as const;
const timeout = 240_000;
const columns = [adapters.coreHttp, adapters.express5, adapters.fastify5];

for (const proxy of ['nginx', 'haproxy'] as const) {
  const version = versionOf(proxy);
  if (version === undefined) {
    console.warn(`NOT RUN: a rolling replacement behind ${proxy}, which is not installed. To run it: ${how}`);
  }

  it.runIf(required)(`${proxy} is installed, as REQUIRE_PROXIES=1 demands`, () => {
    expect(version, how).toBeTruthy();
  });

  const rows = proxies[proxy].flatMap((way) => columns.map((adapter) => ({ way, adapter })));
  const name = `two backends are replaced under load, and nobody notices: ${proxy}`;
  describe.runIf(version !== undefined)(name, { concurrent: true, timeout }, () => {
    it.for(rows)('$way.name: $adapter.name', async ({ way, adapter }) => {
      const { clients, departed, complaints, log } = await roll(adapter, way);
      expect([...harm(clients), ...complaints], log).toEqual([]);
      expect(departed).toHaveLength(4);
      for (const { service, exit, underLoad } of departed) {
        expect(exit, service.stderr).toMatchObject({ code: 0, signal: null });
        expect(service.report).toMatchObject({
          verdict: 'clean',
          reason: 'SIGTERM',
          requests: { dropped: 0 },
          connections: { forced: 0 },
          errors: [],
          heldBy: [],
        });
        const { requests, connections } = service.report ?? expect.fail('no report');
        if (underLoad) {
          // It was still sent to while it left, and told the proxy; the one that held it is no proof.
          expect(requests.servedInLameDuck).toBeGreaterThan(1);
          expect(connections.told).toBeGreaterThan(1);
        } else {
          // What the proxy had kept, and used no more.
          expect(connections.idle + connections.client).toBeGreaterThan(0);
        }
      }
    });
  });
}

// A suite that cannot fail proves nothing.
it.runIf(versionOf('haproxy') !== undefined)(
  'and of server.close() alone they do notice',
  { timeout },
  async () => {
    const { clients } = await roll(bareNode, haproxyWithoutReadiness);
    expect(harm(clients)).toContainEqual(expect.stringMatching(/with 50[23]$/));
  },
);
