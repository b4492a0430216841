import { expect, it } from 'vitest';
import { EventRing } from '../../src/control/event-ring.js';

it('keeps the latest events, and says how many are missed', () => {
  const ring = new EventRing(3);
  expect(ring.since(0)).toEqual({ events: [], missed: 0, last: 0 });
  for (const type of ['a', 'b', 'c', 'd', 'e']) ring.add(type, { more: type });
  const types = (since: number) => ring.since(since).events.map(({ type }) => type);
  expect(types(0)).toEqual(['c', 'd', 'e']);
  expect(ring.since(0)).toMatchObject({ missed: 2, last: 5, events: [{ seq: 3, more: 'c' }, {}, {}] });
  expect(ring.since(2)).toMatchObject({ missed: 0 });
  expect(types(4)).toEqual(['e']);
  expect(ring.since(5)).toEqual({ events: [], missed: 0, last: 5 });
  expect(ring.since(99)).toEqual({ events: [], missed: 0, last: 5 });
});
