import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, isMap, parse, parseDocument, type YAMLMap } from 'yaml';
import { merge } from './merge.js';

/** One object of a manifest, with its comments. */
export interface Manifest {
  readonly document: Document;
  readonly root: YAMLMap;
}

interface Kustomization {
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly patches?: readonly { readonly path: string }[];
}

/**
 * What kustomize makes of a folder, with all the comments, which kustomize
 * leaves out. It knows what the folders here use, and no more; a test compares
 * its result with kustomize's own.
 */
export function assemble(folder: string): Manifest[] {
  const { resources = [], components = [] } = kustomizationOf(folder);
  const manifests = resources.flatMap((resource) =>
    resource.endsWith('.yaml') ? [read(join(folder, resource))] : assemble(join(folder, resource)),
  );
  for (const component of components) apply(join(folder, component), manifests);
  return manifests;
}

function apply(component: string, manifests: Manifest[]): void {
  const { resources = [], patches = [] } = kustomizationOf(component);
  manifests.push(...resources.map((resource) => read(join(component, resource))));
  for (const { path } of patches) {
    const patch = read(join(component, path));
    const target = manifests.find((manifest) => identity(manifest) === identity(patch));
    if (target === undefined)
      throw new Error(`Expected something that ${path} of ${component} patches, got none.`);
    merge(target.root, patch.root);
  }
}

function identity({ root }: Manifest): string {
  return ['apiVersion', 'kind', 'metadata.name'].map((path) => root.getIn(path.split('.'))).join(' ');
}

function kustomizationOf(folder: string): Kustomization {
  return parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')) as Kustomization;
}

function read(file: string): Manifest {
  const document: Document = parseDocument(readFileSync(file, 'utf8'));
  const [error] = document.errors;
  if (error) throw error;
  const { contents: root } = document;
  if (!isMap(root)) throw new Error(`Expected ${file} to hold one object, got something else.`);
  return { document, root };
}
