import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { HandoverError } from '../handover-error.js';

/** In characters. A status of some ten thousand processes; whoever sends more is no supervisor. */
const longestLine = 4_194_304;

/**
 * The lines that come, until the other side ends in whatever way. What is
 * left without a newline then was cut off, and is no line.
 *
 * @throws {@link HandoverError} `ERR_HANDOVER_CONTROL_ANSWER`
 */
export async function* answerLines(socket: Socket): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  try {
    for await (const chunk of socket) {
      const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
      if (rest.length > longestLine) break;
    }
  } catch {
    // A reset: it has ended without reading what we had sent.
    return;
  }
  if (rest.length > longestLine) {
    throw new HandoverError(
      'ERR_HANDOVER_CONTROL_ANSWER',
      `Expected lines of at most ${longestLine} characters from the supervisor, got a longer one.`,
    );
  }
}
