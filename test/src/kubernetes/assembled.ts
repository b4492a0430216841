import { join } from 'node:path';
import { deployFolder } from './deploy-folder.js';
import type { Named } from './manifest.js';
import { assemble } from './plain/assemble.js';

/** The objects of a folder, without kustomize; that it would make the same of it is another test's business. */
export function assembled(folder: string): Named[] {
  return assemble(join(deployFolder, folder)).map(({ document }) => document.toJS() as Named);
}
