/** What a {@link Spread} is made of. */
export interface SpreadParts<Item> {
  /** Read once, at the start; whoever comes later is added. One that comes twice counts once. */
  readonly items: Iterable<Item>;
  /** The span, in milliseconds: of n items, item i has its turn at i/n of it. `0`: as soon as may be. */
  readonly overMs: number;
  readonly each: (item: Item) => void;
  /** Told what `each` threw; the others have their turns all the same. Must not throw itself. */
  readonly onError: (error: unknown, item: Item) => void;
}

interface Entry<Item> {
  readonly item: Item;
  /** On `performance.now()`'s clock. */
  readonly dueAt: number;
}

/** How long one turn of the event loop may be kept, in milliseconds; one item may overrun it. */
const turnMs = 5;
/** How many items a turn may have, however fast they are: what they set off has to run, too. */
const turnItems = 200;
/** The golden ratio: its multiples, whole numbers taken off, lie evenly however many there will be. */
const golden = (Math.sqrt(5) - 1) / 2;

/** Of a few, each has its turn so soon after the one before, in milliseconds. */
const longestStepMs = 100;

/** A span for so many that is no longer than they need, nor than `longestMs`; in milliseconds. */
export function spanFor(count: number, longestMs: number): number {
  return Math.min(longestMs, count * longestStepMs);
}

/**
 * Does something with each of many things, evenly over a span, so that ten
 * thousand clients do not all act on it in one instant, and so that none of
 * the event loop's turns is long.
 */
export class Spread<Item> implements Disposable {
  readonly #parts: SpreadParts<Item>;
  readonly #endsAt: number;
  /** In the order of their turns. Who was removed stays in it until then. */
  #queue: Entry<Item>[];
  #next = 0;
  readonly #waiting = new Map<Item, Entry<Item>>();
  #late = 0;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #disposed = false;
  /** Resolves as soon as nobody waits for a turn, and when it is disposed. */
  readonly done: Promise<void>;
  #resolveDone: () => void = () => {};

  /** The first turn comes with the next turn of the event loop. */
  constructor(parts: SpreadParts<Item>) {
    this.#parts = parts;
    this.done = new Promise((resolve) => {
      this.#resolveDone = resolve;
    });
    const now = performance.now();
    this.#endsAt = now + parts.overMs;
    const items = [...new Set(parts.items)];
    const stepMs = parts.overMs / items.length;
    this.#queue = items.map((item, index) => ({ item, dueAt: now + index * stepMs }));
    for (const entry of this.#queue) this.#waiting.set(entry.item, entry);
    this.#schedule();
  }

  /**
   * Give `item` a turn: an even place in what remains of the span, or the next
   * turn of the event loop when it is over. One that waits already keeps its place.
   */
  add(item: Item): void {
    if (this.#disposed || this.#waiting.has(item)) return;
    const now = performance.now();
    const place = (++this.#late * golden) % 1;
    const entry = { item, dueAt: now + Math.max(0, this.#endsAt - now) * place };
    this.#queue.splice(this.#placeOf(entry.dueAt), 0, entry);
    this.#waiting.set(item, entry);
    this.#schedule();
  }

  /** Those who still wait for their turn, in its order. */
  get waiting(): Item[] {
    return this.#queue
      .slice(this.#next)
      .flatMap((entry) => (this.#waiting.get(entry.item) === entry ? [entry.item] : []));
  }

  /** Let `item` have no turn, if it still waits for one. */
  remove(item: Item): void {
    if (this.#waiting.delete(item) && this.#waiting.size === 0) this.#schedule();
  }

  /** Nobody has a turn any more. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#waiting.clear();
    this.#schedule();
  }

  /** The first place in the queue whose turn is later than `dueAt`. */
  #placeOf(dueAt: number): number {
    let low = this.#next;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#queue[middle] as Entry<Item>).dueAt <= dueAt) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    const entry = this.#waiting.size > 0 ? this.#queue[this.#next] : undefined;
    if (!entry) {
      this.#queue = [];
      this.#next = 0;
      this.#resolveDone();
      return;
    }
    const inMs = Math.ceil(entry.dueAt - performance.now());
    if (inMs > 0) this.#timer = setTimeout(() => this.#turn(), inMs);
    else this.#immediate = setImmediate(() => this.#turn());
  }

  #turn(): void {
    const begunAt = performance.now();
    let now = begunAt;
    for (let count = 0; count < turnItems && now - begunAt < turnMs; ) {
      const entry = this.#queue[this.#next];
      if (!entry || entry.dueAt > now) break;
      this.#next++;
      // Removed; or removed and added again, with another turn.
      if (this.#waiting.get(entry.item) !== entry) continue;
      this.#waiting.delete(entry.item);
      count++;
      this.#do(entry.item);
      now = performance.now();
    }
    this.#schedule();
  }

  #do(item: Item): void {
    try {
      this.#parts.each(item);
    } catch (error) {
      this.#parts.onError(error, item);
    }
  }
}
