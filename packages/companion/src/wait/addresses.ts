import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';

const pending = new Map<string, Promise<readonly LookupAddress[]>>();

/**
 * The addresses of `name`, as any program of this machine learns them
 * (getaddrinfo(3)): with its hosts file, and with its search domains, without
 * which a short name of Kubernetes is none.
 *
 * A question cannot be called off and holds a thread of Node's until its
 * answer: whoever asks the same again meanwhile waits for that one. Else name
 * servers that are silent would soon have all questions wait for each other.
 */
export function addressesOf(name: string): Promise<readonly LookupAddress[]> {
  const asked = pending.get(name) ?? lookup(name, { all: true }).finally(() => pending.delete(name));
  pending.set(name, asked);
  return asked;
}

/** {@link addressesOf} for `node:net`. */
export const lookupOnce: LookupFunction = (name, { all }, answer) => {
  addressesOf(name).then(
    (found) => {
      const [first] = found;
      // All of them, where Node tries one after the other (RFC 8305).
      if (all === true || !first) answer(null, [...found]);
      else answer(null, first.address, first.family);
    },
    (error: NodeJS.ErrnoException) => answer(error, []),
  );
};
