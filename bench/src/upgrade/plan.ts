/** What is done, and with which patience. */
export interface UpgradePlan {
  /** One after the other, of ours. */
  readonly upgrades: number;
  /** The same of others: fewer show how many are lost, and some take half a minute each. */
  readonly peerUpgrades: number;
  /** Nobody asks anything, before all else: what the process that watches costs at rest. */
  readonly idleMs: number;
  /** The load without any, on the same processes, before the first. */
  readonly quietMs: number;
  /** Between the end of one and the next. */
  readonly pauseMs: number;
  /** Who waits longer than this beyond what the request takes, for a connection or an answer, gives up: it is lost. */
  readonly patienceMs: number;
}

export const upgradePlan: UpgradePlan = {
  upgrades: 100,
  peerUpgrades: 10,
  idleMs: 30_000,
  quietMs: 60_000,
  pauseMs: 1_000,
  patienceMs: 15_000,
};

/**
 * How long the old one may take for what it has begun, the same for all, in
 * milliseconds: far more than the slowest response, and than a session that
 * ends by itself.
 */
export const drainMs = 8_000;
