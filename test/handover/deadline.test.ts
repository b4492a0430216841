import { expect, it } from 'vitest';
import { withFamily } from '../src/handover/family.js';

const listenMs = 400;
/** How much later than its deadline a generation is ready, in milliseconds: earlier, about then, later. */
const offsets = [-80, -40, -20, -10, -5, 0, 5, 10, 20, 40];

it('a generation that is ready about when its time is over is either taken or given up, and the pid file says which', () =>
  withFamily(
    (folder) => ({
      options: { pidFile: `${folder}/pid`, listenMs, terminateMs: 300 },
      generations: Object.fromEntries(
        offsets.map((offset, index) => [index + 2, { listensAfterMs: listenMs + offset }]),
      ),
    }),
    async (family) => {
      let serves = family.pid;
      for (const [index] of offsets.entries()) {
        const generation = index + 2;
        const { result } = await family.tell<{ result: string }>({ do: 'upgrade' }, serves);
        const ends = family
          .all('stage')
          .filter(({ to, stage }) => to === generation && ['success', 'failed'].includes(stage));
        expect(ends.map(({ stage }) => stage)).toEqual([result]);
        const { pid } = await family.until('begun', ({ generation: its }) => its === generation);
        const [stays, goes] = result === 'success' ? [pid, serves] : [serves, pid];
        await family.gone(goes);
        expect(family.pidFile()).toBe(stays);
        expect((await family.ask()).pid).toBe(stays);
        serves = stays;
      }
    },
  ));
