/**
 * Freeze `value` and all that is in it, as far as that is plain data: objects
 * without a class, and arrays. What has a class (a URL, a Map, what a schema
 * made) keeps its own ways: some of them cannot be frozen, others would break.
 */
export function freeze<Value>(value: Value, seen: Set<object> = new Set()): Value {
  if (!isPlain(value) || seen.has(value)) return value;
  seen.add(value);
  for (const descriptor of Object.values(Object.getOwnPropertyDescriptors(value)))
    freeze(descriptor.value, seen);
  return Object.freeze(value);
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
