import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { TerminationReason } from '../protocol/wire.js';

/** What a companion leaves for the next one in this pod. */
export interface KeptState {
  readonly version: 1;
  /** `metadata.uid` of the pod; empty where it was not told. */
  readonly podUid: string;
  /** How often a companion was started in this pod. */
  readonly epoch: number;
  readonly pod:
    | { readonly state: 'running' }
    | {
        readonly state: 'terminating';
        readonly reason: TerminationReason;
        /** On the wall's clock: that of the process ends with it. */
        readonly startedAtMs: number;
        readonly deadlineAtMs: number;
      };
}

/**
 * The state for a companion that is started now. What another pod left is no
 * business of ours; neither is an end that is over already, for then we would
 * not be here: it was left in a volume that outlives its pod.
 */
export function startedAgain(left: KeptState | undefined, podUid: string, nowMs: number): KeptState {
  if (left?.podUid !== podUid) return { version: 1, podUid, epoch: 1, pod: { state: 'running' } };
  const { pod } = left;
  const goesOn = pod.state === 'terminating' && pod.deadlineAtMs > nowMs && pod.startedAtMs <= nowMs;
  return { version: 1, podUid, epoch: left.epoch + 1, pod: goesOn ? pod : { state: 'running' } };
}

/** What was left in `file`; nothing, where that is not there or not whole. */
export function readKept(file: string): KeptState | undefined {
  try {
    return keptOf(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/**
 * In one step: whoever is killed meanwhile leaves the one or the other.
 *
 * @throws the system's error
 */
export function writeKept(file: string, state: KeptState): void {
  const whole = `${file}.${process.pid}`;
  writeFileSync(whole, `${JSON.stringify(state)}\n`, { mode: 0o640 });
  renameSync(whole, file);
}

function keptOf(value: unknown): KeptState | undefined {
  const { version, podUid, epoch, pod } = value as Partial<Record<string, unknown>>;
  if (version !== 1 || typeof podUid !== 'string') return undefined;
  if (!Number.isSafeInteger(epoch) || (epoch as number) < 1) return undefined;
  const { state, reason, startedAtMs, deadlineAtMs } = pod as Partial<Record<string, unknown>>;
  if (state === 'running') return { version, podUid, epoch: epoch as number, pod: { state } };
  if (state !== 'terminating' || typeof startedAtMs !== 'number' || typeof deadlineAtMs !== 'number')
    return undefined;
  if (reason !== 'pod' && reason !== 'self' && reason !== 'operator') return undefined;
  return { version, podUid, epoch: epoch as number, pod: { state, reason, startedAtMs, deadlineAtMs } };
}
