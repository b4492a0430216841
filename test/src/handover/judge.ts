import type { Notice } from './config.js';
import type { Family } from './family.js';

type Expected = readonly [type: Notice['type'], fields: Readonly<Record<string, unknown>>];

/** Throws unless each of `expected` was said, one after the other. */
export function inOrder({ notices }: Family, expected: readonly Expected[]): void {
  // Each process keeps its own order; the clock is the machine's.
  const said = notices.toSorted((one, other) => one.at - other.at);
  let from = 0;
  for (const [type, fields] of expected) {
    const found = said.findIndex(
      (notice, index) =>
        index >= from &&
        notice.type === type &&
        Object.entries(fields).every(([name, value]) => (notice as never)[name] === value),
    );
    if (found === -1) throw new Error(`Expected "${type}" ${JSON.stringify(fields)} at its place.`);
    from = found + 1;
  }
}
