import { stat } from 'node:fs/promises';
import { aborted } from './aborted.js';
import { addressesOf, lookupOnce } from './addresses.js';
import { connects } from './connect.js';
import { answersWell } from './http.js';
import type { Target } from './target.js';

/**
 * Look once whether `target` is there.
 *
 * @returns what was found, in words, where there is something to tell
 * @throws why it is not there, and the reason of `signal` when that is aborted; whatever was opened is closed then
 */
export async function attempt(
  target: Target,
  insecure: boolean,
  signal: AbortSignal,
): Promise<string | undefined> {
  switch (target.kind) {
    case 'tcp':
      await connects({ host: target.host, port: target.port, lookup: lookupOnce }, signal);
      return undefined;
    case 'unix':
      await connects({ path: target.path }, signal);
      return undefined;
    case 'http':
      return answersWell(target.url, insecure, signal);
    case 'dns':
      return (await aborted(signal, addressesOf(target.name))).map(({ address }) => address).join(', ');
    case 'file':
      await aborted(signal, stat(target.path));
      return undefined;
  }
}
