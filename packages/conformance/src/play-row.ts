import type { Baseline } from './baseline.js';
import { within } from './client/deadline.js';
import { judge } from './judge.js';
import { narrate } from './narrative.js';
import type { Row } from './plan.js';
import { Play } from './play.js';
import type { RowReport } from './report.js';
import type { Scenario } from './scenarios/scenario.js';
import { Service } from './service.js';
import type { Settings } from './settings.js';

/** Play one row; one that needs what is not given is skipped. */
export async function playRow(
  { scenario, needs }: Row,
  settings: Settings,
  baseline: Baseline,
): Promise<RowReport> {
  const { id, name } = scenario;
  if (needs.length > 0) return skipped(scenario, needs);
  const service = await Service.start(settings);
  const play = new Play(settings, service);
  try {
    const running = scenario.run(play);
    try {
      await within(patienceMs(settings), 'the clients', running);
    } catch (error) {
      play.violations.push(String(error));
      // It ends by itself once the service is gone, and has nothing more to say.
      running.catch(() => undefined);
    }
    const { violations, requests, exit } = judge(play, baseline);
    const all = [...play.violations, ...violations];
    const result = all.length === 0 ? 'passed' : 'failed';
    return {
      id,
      name,
      result,
      violations: all,
      needs,
      requests,
      exit,
      measures: play.measures,
      narrative: narrate(play),
    };
  } finally {
    await service.destroy();
    play.clients.destroy();
    play.observers.destroy();
  }
}

function skipped({ id, name }: Scenario, needs: readonly string[]): RowReport {
  const requests = { sent: 0, answered: 0, lost: 0, turnedAway: 0 };
  return {
    id,
    name,
    result: 'skipped',
    violations: [],
    needs,
    requests,
    exit: undefined,
    measures: {},
    narrative: '',
  };
}

/** Beyond everything that a row waits for by itself. */
export function patienceMs({ promises, requests }: Settings): number {
  const { lameDuckMs, idleMs, deadlineMs = 0, exitLagMs } = promises;
  const takesMs = (requests.slow?.takesMs ?? 0) + (requests.stream?.takesMs ?? 0);
  return lameDuckMs + idleMs + deadlineMs + exitLagMs + takesMs + 20_000;
}
