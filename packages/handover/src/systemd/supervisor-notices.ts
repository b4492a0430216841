import type { SupervisorStatus } from '../control/target.js';
import type { SupervisorEvent } from '../supervisor/events.js';
import type { Supervisor } from '../supervisor/supervisor.js';
import type { UpgradeNotice, UpgradeOutcome } from '../upgrade/upgrade.js';
import { Notifier, type NotifierOptions } from './notifier.js';

/** What a supervisor tells systemd, until it is closed. */
export interface SupervisorNotices {
  /** What tells the service manager. */
  readonly notifier: Notifier;
  /** Resolves when everything that was said has been handed over; before the exit. */
  close(): Promise<void>;
}

/**
 * Tell systemd how a supervisor fares, which is the main process of its unit:
 * that it serves, that it upgrades (a reload, for systemd) and how that ended,
 * that it ends; and, where it asks (`WatchdogSec=`), that it is well. Call it
 * before `supervisor.start()`.
 *
 * @throws HandoverError `ERR_HANDOVER_ENVIRONMENT`
 */
export function notifySystemd(supervisor: Supervisor, options: NotifierOptions = {}): SupervisorNotices {
  const notifier = new Notifier(options);
  const watching = notifier.enabled ? follow(supervisor, notifier) : undefined;
  return {
    notifier,
    async close() {
      watching?.[Symbol.dispose]();
      await notifier.close();
    },
  };
}

function follow(supervisor: Supervisor, notifier: Notifier): Disposable {
  /** From the first word that it serves; READY must not come before. */
  let heart: Disposable | undefined;
  let ending = false;
  /** systemd was told of a reload, and not yet of its end. */
  let reloading = false;
  const serves = () => `generation ${supervisor.status().generation ?? '?'} serves`;

  const onNotice = ({ generation, stage }: UpgradeNotice) => {
    if (stage === 'success' || stage === 'failed') return;
    const text = `upgrading to generation ${generation}: ${stage}`;
    void (reloading ? notifier.status(text) : notifier.reloading(text));
    reloading = true;
  };
  const onOutcome = (outcome: UpgradeOutcome) => {
    if (outcome.result === 'refused') {
      // The end of the one under way is the answer to both.
      if (reloading || !heart) return;
      void notifier.reloading();
    }
    reloading = false;
    // A reload that failed has no message of its own: READY ends it either way.
    void notifier.ready(textOf(outcome, serves()));
  };
  const onEvent = (event: SupervisorEvent) => {
    switch (event.type) {
      case 'serving':
        void notifier.ready(serves());
        heart = notifier.keepAlive(() => isWell(supervisor.status()));
        return;
      case 'upgrade':
        if (!ending) onNotice(event.notice);
        return;
      case 'upgraded':
        if (!ending) onOutcome(event.outcome);
        return;
      case 'extend':
        void notifier.extendTimeout(event.ms);
        return;
      case 'crash':
        if (!ending) void notifier.status(`generation ${event.generation}: process ${event.pid} crashed`);
        return;
      case 'stopping':
        ending = true;
        void notifier.stopping(`stopping (${event.reason})`);
    }
  };

  const watching = supervisor.watch(onEvent);
  return {
    [Symbol.dispose]: () => {
      heart?.[Symbol.dispose]();
      watching[Symbol.dispose]();
    },
  };
}

function textOf(outcome: UpgradeOutcome, serves: string): string {
  switch (outcome.result) {
    case 'success':
      return serves;
    case 'failed':
      return `${serves}; the upgrade to generation ${outcome.generation} failed in ${outcome.stage}: ${outcome.message}`;
    case 'refused':
      return `${serves}; an upgrade was refused: ${outcome.message}`;
  }
}

/** While it should serve, somebody does: where each process waits for its next start, a restart of the unit may help. */
function isWell({ state, generations }: SupervisorStatus): boolean {
  if (state !== 'serving' && state !== 'upgrading') return true;
  return generations.some(({ workers }) => workers.some((worker) => worker.state === 'active'));
}
