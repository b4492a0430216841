import { setTimeout as pause } from 'node:timers/promises';
import { ConnectError } from '../client/connection.js';
import type { Play } from '../play.js';
import type { Scenario } from './scenario.js';

/** A process that is still there so long after it should have gone will not go. */
const patienceMs = 7_000;

/** It is gone within `boundMs` after the signal, by an exit of its own with this code. */
async function endsIn(play: Play, boundMs: number, codeIsRight: (code: number) => boolean): Promise<void> {
  const end = await play.untilExit(boundMs + patienceMs);
  if (!end) {
    play.check(false, `it was still there ${boundMs + patienceMs} ms after the signal`);
    return;
  }
  const afterMs = end.at - (play.leftAt ?? 0);
  play.check(
    afterMs <= boundMs,
    `the exit came ${afterMs.toFixed(0)} ms after the signal, not within ${boundMs}`,
  );
  const right = end.code !== null && codeIsRight(end.code);
  play.check(right, `it ended with ${end.code === null ? end.signal : `exit code ${end.code}`}`);
}

export const endings: readonly Scenario[] = [
  {
    id: 'exit',
    name: 'exits with 0, promptly after the last answer',
    needs: [],
    async run(play) {
      const { slow, quick } = play.settings.requests;
      const { lameDuckMs, exitLagMs } = play.settings.promises;
      const connection = await play.connect();
      const exchange = connection.send(slow?.request ?? quick);
      if (slow) await play.noticed();
      play.signal();
      await exchange.settled();
      const lastWorkMs = Math.max(lameDuckMs, (exchange.answeredAt ?? 0) - (play.leftAt ?? 0));
      await endsIn(play, Math.round(lastWorkMs + exitLagMs), (code) => code === 0);
    },
  },
  {
    id: 'idle',
    name: 'is not held by idle kept-alive connections for longer than it promised',
    needs: [],
    async run(play) {
      const { lameDuckMs, idleMs, exitLagMs } = play.settings.promises;
      await play.connectSome(6);
      await play.noticed();
      play.signal();
      await endsIn(play, lameDuckMs + idleMs + exitLagMs, (code) => code === 0);
    },
  },
  {
    id: 'stalled-head',
    name: 'is not held beyond its deadline by a request that stays half sent',
    needs: ['promises.deadlineMs'],
    async run(play) {
      const { deadlineMs = 0, exitLagMs } = play.settings.promises;
      const stalled = await Promise.all([play.connect(), play.connect()]);
      for (const connection of stalled) connection.draft({ ...play.need('quick'), doomed: true }).send(10);
      await play.noticed();
      play.signal();
      await endsIn(play, deadlineMs + exitLagMs, () => true);
      // However such a connection ends, nobody waits for an answer.
      for (const connection of stalled) play.clients.refused(connection);
    },
  },
  {
    id: 'deadline',
    name: 'gives up a request that never ends at its deadline, and exits with another code than 0',
    needs: ['promises.deadlineMs', 'requests.endless'],
    async run(play) {
      const { deadlineMs = 0, exitLagMs } = play.settings.promises;
      const connection = await play.connect();
      connection.send(play.need('endless'));
      await play.noticed();
      play.signal();
      await endsIn(play, deadlineMs + exitLagMs, (code) => code !== 0);
      play.clients.refused(connection);
    },
  },
];

const probeEveryMs = 20;

export const readiness: readonly Scenario[] = [
  {
    id: 'readiness',
    name: 'says that it is not ready while it still serves',
    needs: ['readiness'],
    async run(play) {
      const { address, path } = play.service.readiness ?? { address: play.service.address, path: '/' };
      play.signal();
      while (!play.enough()) {
        try {
          const probe = await play.observers.connect(address);
          const exchange = probe.send({ path });
          await exchange.settled();
          probe.close();
          // 503 is usual, and some say 500: a balancer asks no more than whether it is a success.
          if ((exchange.response?.status ?? 0) >= 400) return await stillServes(play);
        } catch (error) {
          if (!(error instanceof ConnectError)) throw error;
          return play.check(false, 'nobody could ask any more, and it had never said so');
        }
        await pause(probeEveryMs);
      }
      play.check(false, 'it went on saying that it is ready');
    },
  },
];

async function stillServes(play: Play): Promise<void> {
  try {
    await (await play.connect()).send(play.need('quick')).settled();
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    play.check(false, 'it had refused its clients by then');
  }
}
