/** Where things are drawn: the names to the left, and the time from left to right. */
export const width = 960;
export const left = 200;
export const right = 932;

/** From instants to pixels; the plot begins with the load and ends with the exit. */
export class Plot {
  readonly from: number;
  readonly to: number;

  constructor(from: number, to: number) {
    this.from = from;
    this.to = to;
  }

  x(at: number): number {
    const share = (at - this.from) / (this.to - this.from);
    return left + Math.max(0, Math.min(1, share)) * (right - left);
  }
}

/** A strip of the picture with a name. */
export interface Lane {
  readonly name: string;
  /** A few words under the name, where there is room for them. */
  readonly note?: string;
  readonly height: number;
  /** What is in it, with `top` as its upper edge. */
  draw(top: number): string[];
}
