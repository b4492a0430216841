/*
 * What a pod is made of, in the words of Kubernetes (Pod v1, core): what
 * stands in a manifest can be given here as it is. All times are whole seconds,
 * because the API takes no others.
 */

/** How long a pod lives, what it runs, and how it is ended. */
export interface PodSpec {
  /** What the pod is for. All are started together, and all are told to end at the same time. */
  readonly containers: readonly ContainerSpec[];
  /**
   * Run one after the other before `containers`, each to its end; with
   * `restartPolicy: 'Always'` a native sidecar (KEP-753), which goes on running and is ended after all of them.
   */
  readonly initContainers?: readonly InitContainerSpec[];
  /**
   * Whether a container that has exited is started again.
   *
   * @defaultValue 'Always'
   */
  readonly restartPolicy?: RestartPolicy;
  /**
   * From the deletion to SIGKILL, preStop hooks included.
   *
   * @defaultValue 30
   */
  readonly terminationGracePeriodSeconds?: number;
  /** `system-node-critical` and `system-cluster-critical` make a pod leave last when its node shuts down. */
  readonly priorityClassName?: string;
}

/** When a container that has exited is started again. */
export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

/** One container. Fields of Kubernetes that say nothing about its life (`image`, `resources`, …) are accepted and ignored. */
export interface ContainerSpec {
  /** A DNS label of its own in the pod. */
  readonly name: string;
  /** For runtimes that have images. */
  readonly image?: string;
  /** The program; `$(NAME)` in it and in `args` stands for a variable of `env`. */
  readonly command?: readonly string[];
  /** Its arguments. */
  readonly args?: readonly string[];
  /** The folder to start it in. */
  readonly workingDir?: string;
  /** Its variables, besides `PATH`. */
  readonly env?: readonly EnvVar[];
  /** Ports that probes, hooks and services may call by a name. */
  readonly ports?: readonly ContainerPort[];
  /** What is done before it ends. */
  readonly lifecycle?: Lifecycle;
  /** Until it has passed once, the other two are not asked; when it fails, the container is restarted. */
  readonly startupProbe?: Probe;
  /** While it fails, the pod is not ready. It is asked to the very end. */
  readonly readinessProbe?: Probe;
  /** When it fails, the container is restarted. It ends when the pod's termination begins. */
  readonly livenessProbe?: Probe;
}

/** A container that runs before the others. */
export interface InitContainerSpec extends ContainerSpec {
  /** A native sidecar. */
  readonly restartPolicy?: 'Always';
}

/** A variable: its value, or a field of the pod (the downward API). */
export interface EnvVar {
  /** Its name. */
  readonly name: string;
  /** `$(NAME)` in it stands for a variable before it. */
  readonly value?: string;
  /** One of `metadata.name`, `metadata.namespace`, `metadata.uid`, `spec.nodeName`, `status.podIP`, `status.hostIP`. */
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}

/** A port and its name. */
export interface ContainerPort {
  /** What probes, hooks and services may say instead of the number. */
  readonly name?: string;
  /** The number. */
  readonly containerPort: number;
}

/** What is done around a container's life. */
export interface Lifecycle {
  /** Runs before the signal to end, and within the grace period. */
  readonly preStop?: LifecycleHandler;
  /**
   * The signal to end (KEP-4960, behind a feature gate there).
   *
   * @defaultValue 'SIGTERM'
   */
  readonly stopSignal?: NodeJS.Signals;
}

/** One of the three kinds of preStop hook. */
export interface LifecycleHandler {
  /** A program in the container. It has no timeout of its own. */
  readonly exec?: { readonly command: readonly string[] };
  /** A GET from the node, whose status is not looked at. It has no timeout of its own. */
  readonly httpGet?: HttpGetAction;
  /** Nothing but time (KEP-3960). */
  readonly sleep?: { readonly seconds: number };
}

/** A GET from the node. */
export interface HttpGetAction {
  /**
   * With its query.
   *
   * @defaultValue '/'
   */
  readonly path?: string;
  /** The number, or the name of one of the container's `ports`. */
  readonly port: number | string;
  /**
   * Seen from the node: `localhost` is the node, and not the pod.
   *
   * @defaultValue the pod's address
   */
  readonly host?: string;
  /**
   * A certificate is not verified.
   *
   * @defaultValue 'HTTP'
   */
  readonly scheme?: 'HTTP' | 'HTTPS';
  /** Beside `User-Agent` and `Accept`. */
  readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[];
}

/** How a container is asked, how often, and how often in a row the answer must be the same to count. */
export interface Probe {
  /** Passes with exit code 0. */
  readonly exec?: { readonly command: readonly string[] };
  /** Passes with a status from 200 to 399. */
  readonly httpGet?: HttpGetAction;
  /** Passes when a connection can be opened. */
  readonly tcpSocket?: { readonly port: number | string; readonly host?: string };
  /**
   * Not asked before.
   *
   * @defaultValue 0
   */
  readonly initialDelaySeconds?: number;
  /**
   * From one question to the next.
   *
   * @defaultValue 10
   */
  readonly periodSeconds?: number;
  /**
   * No answer for so long is a failure.
   *
   * @defaultValue 1
   */
  readonly timeoutSeconds?: number;
  /**
   * For liveness and startup nothing but 1 is allowed.
   *
   * @defaultValue 1
   */
  readonly successThreshold?: number;
  /**
   * So many failures in a row count as one.
   *
   * @defaultValue 3
   */
  readonly failureThreshold?: number;
  /**
   * Instead of the pod's, when this probe is why the container is ended (KEP-2238). Not for readiness.
   *
   * @defaultValue the pod's
   */
  readonly terminationGracePeriodSeconds?: number;
}
