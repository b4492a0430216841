import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deployFolder, type plainFiles } from '../deploy-folder.js';
import { assemble, type Manifest } from './assemble.js';

type Name = (typeof plainFiles)[number];

const headers: Readonly<Record<Name, string>> = {
  alone: 'A service alone',
  companion: 'A service with the companion beside it (Kubernetes 1.29 or newer)',
};

/** Where the file of an overlay is. */
export function plainPath(name: Name): string {
  return join(deployFolder, 'plain', `${name}.yaml`);
}

/** What is there now. */
export function writtenPlainFile(name: Name): string {
  return readFileSync(plainPath(name), 'utf8');
}

/** An overlay as one file, for `kubectl apply -f`, with the reasons beside the numbers. */
export function plainFile(name: Name): string {
  const manifests = assemble(join(deployFolder, 'overlays', name));
  const header = [
    `# ${headers[name]}, in one file: kubectl apply -f ${name}.yaml`,
    '#',
    '# To be changed: the name `orders`, the images, what config.json says; each number with its reason.',
    `# Made of overlays/${name} by "npx --yes pnpm@12 manifests": change it there, or take this file and change it here.`,
  ];
  return `${header.join('\n')}\n${manifests.map(print).join('')}`;
}

function print({ document }: Manifest): string {
  // Lines are as long as they were written; lists in a line are written as the formatter of this project has them.
  const text = document.toString({ lineWidth: 0 }).replaceAll(/^([^#\n]*)\[ (.*) \]$/gm, '$1[$2]');
  return `---\n${text}`;
}
