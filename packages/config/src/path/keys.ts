/** The link that Kubernetes turns when the content of a mount changes. */
const dataLink = '..data';

/** A folder with more files than this is hardly the one that was meant. */
export const mostKeys = 1_000;

/** What a directory of keys holds. */
export interface Keys {
  /** The names of the files that count, in order. */
  readonly keys: readonly string[];
  /** The link under which all of them are found as they belong together; `undefined`: it is no mount of Kubernetes. */
  readonly mounted: string | undefined;
}

/**
 * Which of the names in a directory are keys. In a mount of Kubernetes all
 * are but its own, which begin with two dots; a Secret may well have the key
 * `.dockerconfigjson`. In any other folder the traces of editors are left out.
 */
export function keysIn(names: readonly string[]): Keys {
  if (names.includes(dataLink)) return { keys: keysInMount(names), mounted: dataLink };
  const keys = names.filter((name) => !name.startsWith('.') && !name.endsWith('~'));
  return { keys: keys.toSorted(), mounted: undefined };
}

/** The same where it is known to be a mount of Kubernetes, or what its `..data` leads to. */
export function keysInMount(names: readonly string[]): readonly string[] {
  return names.filter((name) => !name.startsWith('..')).toSorted();
}
