/** Time as the lifecycle sees it. Given to it, so that its tests can turn the hands. */
export interface Clock {
  /** Monotonic, in milliseconds: for durations and deadlines. */
  now(): number;
  /** Milliseconds since the epoch: for people. */
  wall(): number;
  /**
   * Call `ring` once, `ms` from now. Holds the event loop: a shutdown that
   * waits for nothing else must still reach its next step.
   */
  after(ms: number, ring: () => void): Alarm;
  /** The same without holding the event loop, for what is done while the service runs. */
  inBackground(ms: number, ring: () => void): Alarm;
}

/** A timer that can be called off. */
export interface Alarm {
  cancel(): void;
}

/** The machine's clocks. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms, ring) {
    const timer = setTimeout(ring, ms);
    return { cancel: () => clearTimeout(timer) };
  },
  inBackground(ms, ring) {
    const timer = setTimeout(ring, ms).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
