/** Something that happened, for whoever asks later. */
export interface RecordedEvent {
  /** From 1 on, without a gap. */
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly type: string;
  readonly [more: string]: unknown;
}

/** The latest events, so many of them. */
export class EventRing {
  readonly #most: number;
  readonly #events: RecordedEvent[] = [];
  #seq = 0;

  constructor(most = 1_024) {
    this.#most = most;
  }

  add(type: string, fields: object): RecordedEvent {
    this.#seq++;
    const event = { seq: this.#seq, at: new Date().toISOString(), type, ...fields };
    this.#events[(this.#seq - 1) % this.#most] = event;
    return event;
  }

  /** Those after `seq`, in order; `missed` are so old that they are forgotten. */
  since(seq: number): { events: readonly RecordedEvent[]; missed: number; last: number } {
    const oldest = Math.max(1, this.#seq - this.#most + 1);
    const first = Math.max(seq + 1, oldest);
    const events: RecordedEvent[] = [];
    for (let at = first; at <= this.#seq; at++)
      events.push(this.#events[(at - 1) % this.#most] as RecordedEvent);
    return { events, missed: Math.max(0, Math.min(first, this.#seq + 1) - (seq + 1)), last: this.#seq };
  }
}
