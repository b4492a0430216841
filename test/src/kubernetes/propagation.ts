/**
 * How long a change of an endpoint takes to be known by all who send to it, at
 * most, in seconds, where nothing is overloaded. docs/kubernetes.md has the
 * same figures.
 */
export const propagation = {
  /** The way of a watch event. */
  watch: 1,
  /** The EndpointSlice controller takes changes together for so long (endpointslice_controller.go). */
  slice: 1,
  /** kube-proxy's `minSyncPeriod`. */
  kubeProxy: 1,
  /** A status that the kubelet writes, as a failed readiness probe is one. */
  status: 1,
} as const;

/** From the deletion of a pod to the last new connection over a Service. */
export const serviceSeconds: number = propagation.watch + propagation.slice + propagation.kubeProxy;

/** The same, where nobody deletes the pod and only its readiness tells: after the kubelet has believed it. */
export const unreadySeconds: number = propagation.status + propagation.slice + propagation.kubeProxy;
