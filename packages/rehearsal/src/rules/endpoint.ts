/** What an EndpointSlice says of a pod (KEP-1672). */
export interface EndpointConditions {
  /** New connections may be sent there. */
  readonly ready: boolean;
  /** It would serve, whether it is ending or not. */
  readonly serving: boolean;
  /** It has been deleted. */
  readonly terminating: boolean;
}

/** What a pod tells of itself. */
export interface PodConditions {
  /** The condition Ready: all containers run, have started, and are ready. */
  readonly ready: boolean;
  /** It has a deletionTimestamp. A node that shuts down, and an eviction, set none. */
  readonly terminating: boolean;
  /** Its phase is Succeeded or Failed, or it is no more. */
  readonly gone: boolean;
}

/**
 * What stands in the slice; `undefined` for a pod that is left out of it.
 *
 * @param publishNotReady - `publishNotReadyAddresses` of the service: everybody is ready, even who is ending
 */
export function endpointOf(
  { ready, terminating, gone }: PodConditions,
  publishNotReady: boolean,
): EndpointConditions | undefined {
  if (gone) return undefined;
  return { ready: publishNotReady || (ready && !terminating), serving: ready, terminating };
}

/** Whom kube-proxy sends new connections to (KEP-1669): who is ready; where nobody is, who is ending and still serves. */
export function choices<T extends EndpointConditions>(endpoints: readonly T[]): readonly T[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  return ready.length > 0 ? ready : endpoints.filter(({ serving, terminating }) => serving && terminating);
}
