import type { Outcome } from '../outcome.js';
import { line, rect } from './elements.js';
import { type Lane, left, type Plot, right } from './plot.js';

const trackHeight = 9;

/**
 * The requests that take two seconds, one by one from the first byte sent to
 * the last byte of the answer: three answers a second make no area.
 */
export function slowLane(plot: Plot, { tally }: Outcome): Lane {
  const slow = tally.answered.filter(({ kind }) => kind === 'slow').toSorted((a, b) => a.sentAt - b.sentAt);
  const endOfTrack: number[] = [];
  const placed = slow.map(({ sentAt, answeredAt }) => {
    const free = endOfTrack.findIndex((end) => end <= sentAt);
    const track = free === -1 ? endOfTrack.length : free;
    endOfTrack[track] = answeredAt;
    return { sentAt, answeredAt, track };
  });
  const height = Math.max(1, endOfTrack.length) * trackHeight;
  return {
    name: 'slow',
    note: `${slow.length} answers, each after 2 s`,
    height,
    draw: (top) => [
      ...placed.map(({ sentAt, answeredAt, track }) => {
        const x = plot.x(sentAt);
        return rect(
          'slow',
          [x, top + track * trackHeight + 2],
          [plot.x(answeredAt) - x - 1.5, trackHeight - 4],
          2.5,
        );
      }),
      line('axis', [left, top + height + 3], [right, top + height + 3]),
    ],
  };
}
