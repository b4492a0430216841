import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { deployFolder, type overlays } from './deploy-folder.js';
import type { Named } from './manifest.js';

/** The kustomize in this machine's kubectl, as a version; `undefined` where there is none, or one that knows no components (3.7). */
export function kustomizeVersion(): string | undefined {
  const { status, stdout } = spawnSync('kubectl', ['version', '--client', '--output=json'], {
    encoding: 'utf8',
  });
  if (status !== 0) return undefined;
  const { kustomizeVersion: version } = JSON.parse(stdout) as { kustomizeVersion?: string };
  // An older kubectl has 2.0.3 in it, and does not say so.
  return version !== undefined && Number(/\d+/.exec(version)) >= 4 ? version : undefined;
}

/** What `kubectl kustomize` makes of an overlay. */
export function rendered(overlay: (typeof overlays)[number]): Named[] {
  const folder = join(deployFolder, 'overlays', overlay);
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
  // It warns of what it will not do for much longer, and succeeds all the same.
  if (status !== 0 || stderr !== '')
    throw new Error(`Expected kustomize to have no complaints, got:\n${stderr}`);
  return objectsOf(stdout);
}

/** The objects of a file. */
export function objectsOf(text: string): Named[] {
  return parseAllDocuments(text).map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) throw problem;
    return document.toJS() as Named;
  });
}
