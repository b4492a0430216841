/** What is done, and with which patience. */
export interface RollingPlan {
  readonly replacements: number;
  /** A replacement begins when so many requests more have been answered. */
  readonly requestsEach: number;
  /** Clients that keep their connections to the proxy, and how long each thinks between an answer and its next request: somewhere within ± half of it. */
  readonly clients: number;
  readonly thinkMs: number;
  /** How often the proxy asks a backend how it is; it is out after two refusals. */
  readonly checkMs: number;
  /** The lame-duck of a backend. */
  readonly delayMs: number;
}

export const rollingPlan: RollingPlan = {
  replacements: 100,
  requestsEach: 10_000,
  clients: 100,
  thinkMs: 50,
  checkMs: 500,
  // The default of createGraceful(); said here because the results say it.
  delayMs: 5_000,
};
