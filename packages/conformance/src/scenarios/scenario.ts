import type { Play } from '../play.js';
import type { Settings } from '../settings.js';

/** An option without which a row cannot be played, as a user writes it. */
export type Need =
  | 'readiness'
  | 'http2'
  | 'promises.lameDuckMs'
  | 'promises.deadlineMs'
  | 'requests.slow'
  | 'requests.large'
  | 'requests.upload'
  | 'requests.stream'
  | 'requests.endless'
  | 'requests.events'
  | 'requests.websocket';

/** A row of the table: what clients do while the service leaves, and what must come of it. */
export interface Scenario {
  /** Stable; what `only` names. */
  readonly id: string;
  /** A sentence about the service. */
  readonly name: string;
  readonly needs: readonly Need[];
  /** Plays the clients and sends the signal. Ends when the clients have what they came for. */
  run(play: Play): Promise<void>;
}

/** What is missing for a row; none is what it takes to be played. */
export function missing({ needs }: Scenario, settings: Settings): Need[] {
  return needs.filter((need) => !given(need, settings));
}

function given(need: Need, { readiness, http2, requests, promises }: Settings): boolean {
  switch (need) {
    case 'readiness':
      return readiness !== undefined;
    case 'http2':
      return http2 !== undefined;
    case 'promises.lameDuckMs':
      return promises.lameDuckMs > 0;
    case 'promises.deadlineMs':
      return promises.deadlineMs !== undefined;
    case 'requests.slow':
      return requests.slow !== undefined;
    case 'requests.large':
      return requests.large !== undefined;
    case 'requests.upload':
      return requests.upload !== undefined;
    case 'requests.stream':
      return requests.stream !== undefined;
    case 'requests.endless':
      return requests.endless !== undefined;
    case 'requests.events':
      return requests.events !== undefined;
    case 'requests.websocket':
      return requests.websocket !== undefined;
  }
}
