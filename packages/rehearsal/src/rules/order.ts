/** A container, for what concerns the order of an end. */
export interface Ordered {
  readonly name: string;
  readonly role: 'main' | 'sidecar' | 'init';
}

/**
 * For whom each container waits before it is told to end (KEP-753): mains for
 * nobody, a sidecar for all mains and for the sidecar that was started after it.
 *
 * @param inits - in the order of the spec
 */
export function terminationOrder(
  mains: readonly Ordered[],
  inits: readonly Ordered[],
): ReadonlyMap<string, readonly string[]> {
  const waitsFor = new Map<string, readonly string[]>();
  for (const { name } of mains) waitsFor.set(name, []);
  const everyMain = mains.map(({ name }) => name);
  let later: readonly string[] = [];
  for (const { name, role } of inits.toReversed()) {
    waitsFor.set(name, role === 'sidecar' ? [...everyMain, ...later] : []);
    if (role === 'sidecar') later = [name];
  }
  return waitsFor;
}
