import { writeSync } from 'node:fs';
import type { Said } from '../behaviour.js';

/** Speaks the protocol by hand, and badly; started without the preload, which would speak it well. */
const { said, deaf } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly said: readonly Said[];
  readonly deaf: boolean;
};
const { GRACEFUL_CHANNEL, GRACEFUL_GENERATION, GRACEFUL_TOKEN } = process.env;
const channel = Number(GRACEFUL_CHANNEL);

if (deaf) process.on('SIGTERM', () => {});
setInterval(() => {}, 60_000);
for (const each of said) {
  try {
    writeSync(channel, bytesOf(each));
  } catch {
    // Nobody listens to it any more.
  }
}

function bytesOf(each: Said): string {
  if ('bytes' in each) return each.bytes;
  if ('flood' in each) return 'x'.repeat(each.flood);
  const hello = {
    type: 'hello',
    v: 1,
    token: GRACEFUL_TOKEN,
    generation: Number(GRACEFUL_GENERATION),
    pid: process.pid,
  };
  return `${JSON.stringify({ ...hello, ...each.hello })}\n`;
}
