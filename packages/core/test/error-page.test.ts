import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { errorCodes, type GracefulErrorCode } from '../src/errors.js';
import { takeInheritedSockets } from '../src/listen/inherited.js';
import { quietGraceful, thrownBy } from './support/graceful.js';
import { closeServer, serve } from './support/http.js';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

/** The sections of the page, by their headings. */
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')).trim(), section] as const),
);

const exampleOf = (code: string) => /```\n(.*)\n```/.exec(sections.get(code) ?? '')?.[1];

/** What makes each error that the page shows. Those of the adapters are held to it by their own tests. */
const examples: Record<
  Exclude<GracefulErrorCode, 'ERR_GRACEFUL_MIDDLEWARE_TWICE' | 'ERR_GRACEFUL_FRAMEWORK'>,
  () => unknown
> = {
  ERR_GRACEFUL_OPTION: () => quietGraceful({ drain: { delayMs: '5s' as never } }),
  ERR_GRACEFUL_PHASE: () => quietGraceful().onShutdown('postgres', () => {}, { phase: 'end' as never }),
  ERR_GRACEFUL_DUPLICATE_HOOK: () => {
    const graceful = quietGraceful();
    graceful.onShutdown('postgres', () => {});
    graceful.onShutdown('postgres', () => {});
  },
  ERR_GRACEFUL_DUPLICATE_CHECK: () => {
    const graceful = quietGraceful();
    graceful.addCheck('postgres', () => {});
    graceful.addCheck('postgres', () => {});
  },
  ERR_GRACEFUL_DUPLICATE_DRAINABLE: () => {
    const graceful = quietGraceful();
    const orders = { name: 'orders', stopAccepting() {}, drained: async () => {}, force: () => 0 };
    graceful.drains(orders);
    graceful.drains(orders);
  },
  ERR_GRACEFUL_HOOK_UNKNOWN: () => {
    const graceful = quietGraceful();
    graceful.onShutdown('consumer', () => {}, { phase: 'drain' });
    graceful.onShutdown('postgres', () => {}, { after: 'cosumer' });
    graceful.ready();
  },
  ERR_GRACEFUL_HOOK_CYCLE: () => {
    const graceful = quietGraceful();
    graceful.onShutdown('a', () => {}, { after: 'b' });
    graceful.onShutdown('b', () => {}, { after: 'a' });
  },
  ERR_GRACEFUL_PORT_IN_USE: async () => {
    const { server, port } = await serve(() => {});
    try {
      await quietGraceful().listen(() => {}, { port, host: '127.0.0.1' });
    } catch (error) {
      (error as Error).message = (error as Error).message.replaceAll(String(port), '3000');
      throw error;
    } finally {
      await closeServer(server);
    }
  },
  ERR_GRACEFUL_LISTEN: () => quietGraceful().listen(() => {}, { port: 3_000, host: '192.0.2.1' }),
  ERR_GRACEFUL_INHERITED: () =>
    takeInheritedSockets({ LISTEN_FDS: '2', LISTEN_FDNAMES: 'http', LISTEN_PID: String(process.pid) }),
  ERR_GRACEFUL_SERVER: () => quietGraceful().attach(createNetServer() as never),
  ERR_GRACEFUL_SHUTDOWN_BEGUN: () => {
    const graceful = quietGraceful({ drain: { delayMs: 0 } });
    graceful.ready();
    void graceful.shutdown('test');
    graceful.attach(createServer());
  },
};

describe('docs/errors.md', () => {
  it('has a section for each code, and none for any other, in the order of the table', () => {
    expect([...sections.keys()]).toEqual(Object.keys(errorCodes));
  });

  it.each(Object.keys(errorCodes))(
    'says of %s when it comes, shows a message, and says what to do',
    (code) => {
      const section = sections.get(code) ?? '';
      expect(section).toMatch(/^\*\*When:\*\* \S/m);
      expect(exampleOf(code)).toMatch(new RegExp(`^${code}: Expected .+\\.$`));
      expect(section).toMatch(/^\*\*What to do:\*\* \S/m);
    },
  );

  it.each(Object.entries(examples))('shows %s as it is written', async (code, fails) => {
    expect(((await thrownBy(fails)) as Error).message).toBe(exampleOf(code));
  });
});
