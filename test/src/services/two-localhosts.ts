import dns, { type LookupAddress } from 'node:dns';

const addresses: readonly LookupAddress[] = ['127.0.0.1', '127.0.0.2'].map((address) => ({
  address,
  family: 4,
}));

type Found = (error: null, found: string | readonly LookupAddress[], family?: number) => void;

const original = dns.lookup as (...args: unknown[]) => void;

function lookup(host: string, ...rest: unknown[]): void {
  if (host !== 'localhost') return original(host, ...rest);
  const found = rest.at(-1) as Found;
  const [options] = rest as [{ readonly all?: boolean }];
  process.nextTick(() => (options.all ? found(null, addresses) : found(null, '127.0.0.1', 4)));
}
/**
 * Where `localhost` has two addresses, as it has wherever there is IPv6,
 * Fastify opens a server for each. Machines without IPv6 have two of IPv4.
 */
export function haveTwoLocalhosts(): void {
  dns.lookup = lookup as typeof dns.lookup;
}
