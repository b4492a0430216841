/*
 * The arithmetic of a termination. Grace is counted in whole seconds, as the
 * API counts it: what is spent is rounded down, so that a pod may take up to a
 * second longer than it was given for each part that is counted.
 */

/** Nobody is killed sooner than this after the signal to end, however little was left: the extension that the docs call a one-off 2 seconds. */
const minimumGraceSeconds = 2;

/** What a hard eviction grants, whatever the pod asked for. */
export const hardEvictionGraceSeconds = 1;

/**
 * What the API makes of a deletion.
 *
 * @param requested - `gracePeriodSeconds` of the deletion
 * @param specified - `terminationGracePeriodSeconds` of the pod
 */
export function deletionGrace(requested: number | undefined, specified: number): number {
  const grace = requested ?? specified;
  return grace < 0 ? 1 : grace;
}

/**
 * What the kubelet grants: it only ever takes away from what it granted before, and never all of it.
 *
 * @param granted - before; `undefined` while the pod was not yet ending
 */
export function effectiveGrace(granted: number | undefined, wanted: number): number {
  return Math.max(1, granted === undefined ? wanted : Math.min(granted, wanted));
}

/** What a kill for a failed probe grants: the probe's own (KEP-2238), or the pod's. */
export function probeKillGrace(ofProbe: number | undefined, ofPod: number): number {
  return ofProbe ?? ofPod;
}

/** What a node that shuts down grants a pod of a group (KEP-2000). */
export function nodeShutdownGrace(ofGroup: number, ofPod: number): number {
  return Math.min(ofGroup, ofPod);
}

/** What a soft eviction grants; `most` is `evictionMaxPodGracePeriod` of the kubelet. */
export function softEvictionGrace(most: number, ofPod: number): number {
  return Math.min(most, ofPod);
}

/** What is left after `spentMs`: only whole seconds count. */
export function graceLeft(graceSeconds: number, spentMs: number): number {
  return graceSeconds - Math.floor(spentMs / 1_000);
}

/** From the signal to end to SIGKILL. */
export function stopSeconds(graceSeconds: number): number {
  return Math.max(minimumGraceSeconds, graceSeconds);
}
