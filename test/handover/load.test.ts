import { expect, it } from 'vitest';
import type { Behaviour, FamilyConfig } from '../src/handover/config.js';
import { type Family, withFamily } from '../src/handover/family.js';
import { Load } from '../src/handover/load.js';

/** Five that come about, and between them every way in which one does not. */
const generations: Readonly<Record<number, Behaviour>> = {
  2: { starting: 'exits when it listens' },
  4: { before: 'is killed' },
  5: { starting: 'has a check that never passes' },
  7: { starting: 'is told to stop when it is ready' },
  8: { before: 'says garbage' },
};
const last = 10;

const config = (folder: string): FamilyConfig => ({
  listeners: [
    { name: 'http', port: 0 },
    { name: 'admin', path: `${folder}/admin.sock` },
  ],
  options: { pidFile: `${folder}/pid`, overlapMs: 100 },
  drain: { requestsMs: 20_000 },
  generations,
});

async function upgradeAll(family: Family, behaviours: Readonly<Record<number, Behaviour>>): Promise<number> {
  let { pid } = family;
  for (let generation = 2; generation <= last; generation++) {
    const unready = behaviours[generation]?.starting === 'has a check that never passes';
    family.signal('SIGUSR2', pid);
    if (unready) {
      // As an operator who sees that it does not come up.
      const { pid: stuck } = await family.until('begun', { generation });
      await family.until(
        'log',
        (notice) => notice.generation === generation && notice.message.includes('database'),
      );
      family.signal('SIGTERM', stuck);
    }
    const { stage } = await family.outcome(generation);
    expect(stage, `generation ${generation}`).toBe(behaviours[generation] ? 'failed' : 'success');
    if (stage === 'failed') continue;
    const before = pid;
    ({ pid } = await family.until('ready', { generation }));
    await family.gone(before);
  }
  return pid;
}

it(
  'nothing is lost over upgrades that come about and upgrades that fail: kept-alive, fresh, Unix sockets, 16 KB bodies, slow responses, WebSockets',
  () =>
    withFamily(config, async (family) => {
      const load = new Load({ tcp: family.address('http'), unix: family.address('admin') });
      let pid: number;
      try {
        pid = await upgradeAll(family, generations);
      } finally {
        await load.end();
      }
      expect(load.complaints).toEqual([]);
      expect(load.ledger.exchanges.length).toBeGreaterThan(500);
      expect(load.told, 'WebSockets were told').toBeGreaterThan(0);
      expect((await family.ask()).pid).toBe(pid);
      expect(family.pidFile()).toBe(pid);
      for (const { verdict, errors } of family
        .all('report')
        .filter((each) => ![7, 5].includes(each.generation)))
        expect({ verdict, errors }).toEqual({ verdict: 'clean', errors: [] });
      load.ledger.destroy();
    }),
  120_000,
);
