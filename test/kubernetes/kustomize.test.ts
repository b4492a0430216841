import { describe, expect, it } from 'vitest';
import { assembled } from '../src/kubernetes/assembled.js';
import { overlays, plainFiles } from '../src/kubernetes/deploy-folder.js';
import { kustomizeVersion, objectsOf, rendered } from '../src/kubernetes/kustomize.js';
import type { Named } from '../src/kubernetes/manifest.js';
import { plainFile, writtenPlainFile } from '../src/kubernetes/plain/plain-file.js';

const required = process.env['REQUIRE_KUSTOMIZE'] === '1';
const how = '.ci/with-kustomize npx --yes pnpm@12 exec vitest run test/kubernetes';
const version = kustomizeVersion();

if (version === undefined)
  console.warn(`NOT RUN: kubectl kustomize, of which there is none here. To run it: ${how}`);

it.runIf(required)('there is a kubectl at hand, as REQUIRE_KUSTOMIZE=1 demands', () => {
  expect(version, how).toBeTruthy();
});

/** In no order: the API server is given them all. */
function byIdentity(manifests: readonly Named[]): Readonly<Record<string, Named>> {
  return Object.fromEntries(
    manifests.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest]),
  );
}

describe.runIf(version !== undefined)('kubectl kustomize', () => {
  it.each(overlays)('renders overlays/%s, and takes it for what the tests take it for', (overlay) => {
    expect(byIdentity(rendered(overlay))).toEqual(byIdentity(assembled(`overlays/${overlay}`)));
  });

  it.each(plainFiles)('makes of overlays/%s what the plain file says', (name) => {
    expect(byIdentity(objectsOf(writtenPlainFile(name)))).toEqual(byIdentity(rendered(name)));
  });
});

/** A number that is none of a port; those below one another have one reason. */
const number = /^ +(?:- )?(?!port:|containerPort:)\w+: \d+$/;

function reasoned(lines: readonly string[], index: number): boolean {
  const line = lines[index] ?? '';
  return number.test(line) ? reasoned(lines, index - 1) : line.trimStart().startsWith('#');
}

describe('the plain files', () => {
  it.each(plainFiles)('%s.yaml is made of its overlay; if not: npx --yes pnpm@12 manifests', (name) => {
    expect(writtenPlainFile(name)).toBe(plainFile(name));
  });

  it.each(plainFiles)('%s.yaml has a reason beside each number', (name) => {
    const lines = writtenPlainFile(name).split('\n');
    const numbers = [...lines.keys()].filter((index) => number.test(lines[index] ?? ''));
    expect(numbers.length).toBeGreaterThan(15);
    expect(numbers.filter((index) => !reasoned(lines, index)).map((index) => lines[index])).toEqual([]);
  });
});
