/**
 * The fields of `value` that `look` never looks at, as paths. A validator that
 * was generated from a schema asks for each field that the schema has, and for
 * no other: what it has not asked for is unknown to it.
 */
export function unread<Value extends object>(value: Value, look: (watched: Value) => void): string[] {
  const asked = new Map<object, Set<string>>();
  look(watched(value, asked));
  return [...fieldsNotAsked(value, asked, '')];
}

function watched<Value extends object>(value: Value, asked: Map<object, Set<string>>): Value {
  const names = asked.get(value) ?? new Set();
  asked.set(value, names);
  return new Proxy(value, {
    get(target, name, receiver) {
      const found: unknown = Reflect.get(target, name, receiver);
      if (typeof name === 'symbol' || !Object.hasOwn(target, name)) return found;
      names.add(name);
      return isObject(found) ? watched(found, asked) : found;
    },
  });
}

function* fieldsNotAsked(value: object, asked: Map<object, Set<string>>, path: string): Generator<string> {
  for (const [name, field] of Object.entries(value)) {
    const here = `${path}/${name}`;
    if (!asked.get(value)?.has(name)) yield here;
    else if (isObject(field)) yield* fieldsNotAsked(field, asked, here);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
