import {
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

/**
 * By what the items of a list are told apart, as `patchMergeKey` says in the
 * API's own types; of the lists that a patch here adds to. Any other list of a
 * patch takes the place of the one before.
 */
const mergeKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  volumes: 'name',
  env: 'name',
  volumeMounts: 'mountPath',
};

/**
 * Merge a strategic merge patch into what it patches, as kustomize does, and
 * bring its comments along: a value's reason goes where the value goes.
 */
export function merge(target: YAMLMap, patch: YAMLMap): void {
  ownFirstComment(target);
  ownFirstComment(patch);
  for (const [index, pair] of patch.items.entries()) {
    const name = keyOf(pair);
    const at = target.items.findIndex((item) => keyOf(item) === name);
    const before = target.items[at];
    if (before === undefined) target.items.splice(placeFor(target, patch, index), 0, pair);
    else if (isMap(before.value) && isMap(pair.value)) merge(before.value, pair.value);
    else if (isSeq(before.value) && isSeq(pair.value) && mergeKeys[name] !== undefined)
      mergeItems(before.value, pair.value, mergeKeys[name]);
    else target.items[at] = pair;
    // What a map or a list is there for is said above it, where both may have something to say.
    if (before !== undefined && target.items[at] === before) tellMore(before, pair);
  }
}

function mergeItems(target: YAMLSeq, patch: YAMLSeq, by: string): void {
  ownFirstComment(target);
  ownFirstComment(patch);
  const added: unknown[] = [];
  for (const item of patch.items) {
    if (!isMap(item)) throw new Error(`Expected items with a ${by}, got ${String(item)}.`);
    const same = target.items.find((other) => isMap(other) && other.get(by) === item.get(by));
    if (isMap(same)) merge(same, item);
    else added.push(item);
  }
  // kustomize puts what is new in front.
  target.items.unshift(...added);
}

/** Before what follows it in the patch, so that what belongs together stays together. */
function placeFor(target: YAMLMap, patch: YAMLMap, index: number): number {
  for (const later of patch.items.slice(index + 1)) {
    const at = target.items.findIndex((item) => keyOf(item) === keyOf(later));
    if (at !== -1) return at;
  }
  return target.items.length;
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function tellMore(target: Pair, patch: Pair): void {
  if (!isNode(target.key) || !isNode(patch.key) || !patch.key.commentBefore) return;
  const comments = [target.key.commentBefore, patch.key.commentBefore];
  target.key.commentBefore = comments.filter((comment) => comment).join('\n');
}

/** The parser gives what stands before a collection's first item to the collection: there it would stay when others come first. */
function ownFirstComment(collection: YAMLMap | YAMLSeq): void {
  if (!isCollection(collection) || !collection.commentBefore) return;
  const [first] = collection.items as readonly (Pair | Node)[];
  const node = first !== undefined && 'key' in first ? first.key : first;
  if (!isNode(node)) return;
  node.commentBefore = [collection.commentBefore, node.commentBefore].filter((comment) => comment).join('\n');
  collection.commentBefore = null;
}
