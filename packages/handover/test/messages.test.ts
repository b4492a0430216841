import { describe, expect, it } from 'vitest';
import { parseFromGeneration, parseFromParent } from '../src/wire/messages.js';

describe('a line of a new process', () => {
  it('is a message when it has what it needs', () => {
    const hello = { type: 'hello', v: 1, token: 'ab', generation: 2, pid: 7 };
    expect(parseFromGeneration(JSON.stringify(hello))).toEqual({ kind: 'message', message: hello });
    expect(parseFromGeneration('{"type":"status"}')).toMatchObject({ kind: 'message' });
  });

  it('is passed over when its type is of a later version', () => {
    expect(parseFromGeneration('{"type":"metrics","x":1}')).toEqual({ kind: 'unknown', type: 'metrics' });
    expect(parseFromGeneration('{"type":"toString"}')).toEqual({ kind: 'unknown', type: 'toString' });
  });

  it.each([
    ['{"type":', /expected a JSON object, got/],
    ['[]', /expected a JSON object/],
    ['null', /expected a JSON object/],
    ['{"kind":"hello"}', /expected a `type`/],
    ['{"type":"extend"}', /expected `ms` of "extend" to be milliseconds, got none/],
    ['{"type":"extend","ms":-1}', /to be milliseconds, got "-1"/],
    ['{"type":"extend","ms":1e99}', /to be milliseconds/],
    ['{"type":"hello","v":1,"token":7,"generation":2,"pid":7}', /expected `token` of "hello" to be a string/],
    ['{"type":"status","inFlight":"many"}', /expected `inFlight`/],
  ])('is garbage otherwise, and it says why: %s', (line, why) => {
    const parsed = parseFromGeneration(line);
    expect(parsed).toMatchObject({ kind: 'garbage' });
    expect('why' in parsed && parsed.why).toMatch(why);
  });

  it('is quoted only as far as it helps', () => {
    const parsed = parseFromGeneration('x'.repeat(10_000));
    expect('why' in parsed && parsed.why.length).toBeLessThan(150);
  });
});

describe('a line of the one that started it', () => {
  it('is read in the same way', () => {
    expect(parseFromParent('{"type":"drain","reason":"generation 3","deadlineMs":30000}')).toMatchObject({
      kind: 'message',
      message: { deadlineMs: 30_000 },
    });
    expect(parseFromParent('{"type":"drain"}')).toMatchObject({ kind: 'garbage' });
  });
});
