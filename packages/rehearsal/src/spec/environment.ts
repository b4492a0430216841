import { known, list, text, unsupported, wrong } from './checks.js';

/** What is known of a pod before it runs, and given to its containers by the downward API. */
export interface PodIdentity {
  /** Its name. */
  readonly name: string;
  /** In which it is. */
  readonly namespace: string;
  /** Unlike its name, never given twice. */
  readonly uid: string;
  /** The address that its containers share. */
  readonly ip: string;
  /** The node that it is on. */
  readonly node: string;
}

const fields: Readonly<Record<string, (pod: PodIdentity) => string>> = {
  'metadata.name': ({ name }) => name,
  'metadata.namespace': ({ namespace }) => namespace,
  'metadata.uid': ({ uid }) => uid,
  'spec.nodeName': ({ node }) => node,
  'status.podIP': ({ ip }) => ip,
  'status.podIPs': ({ ip }) => ip,
  'status.hostIP': () => '127.0.0.1',
};

/** The variables of `env`, in order, each with what stands before it filled in. */
export function environmentOf(
  what: string,
  env: unknown,
  pod: PodIdentity,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [index, entry] of list(what, env).entries()) {
    const at = `${what}[${index}]`;
    known(at, entry, ['name', 'value', 'valueFrom']);
    const { name, value, valueFrom } = entry as { name?: unknown; value?: unknown; valueFrom?: unknown };
    found[text(`${at}.name`, name)] =
      valueFrom === undefined ? expand(plain(at, value), found) : fieldOf(at, valueFrom, pod);
  }
  return found;
}

/** `$(NAME)` filled in; `$$(NAME)` is `$(NAME)` itself, and a name that nobody knows stays as it is. */
export function expand(word: string, variables: Readonly<Record<string, string>>): string {
  return word.replaceAll(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (variables[name] ?? whole),
  );
}

function plain(at: string, value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  throw wrong(`${at}.value to be a string`, value);
}

function fieldOf(at: string, valueFrom: unknown, pod: PodIdentity): string {
  const { fieldRef } = valueFrom as { fieldRef?: { fieldPath?: string } };
  if (fieldRef === undefined)
    throw unsupported(`${at}.valueFrom but fieldRef`, 'Give the variable its value.');
  const field = fields[fieldRef.fieldPath ?? ''];
  if (field === undefined)
    throw wrong(
      `${at}.valueFrom.fieldRef.fieldPath to be one of ${Object.keys(fields).join(', ')}`,
      fieldRef.fieldPath,
    );
  return field(pod);
}
