import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathOf } from '../engine.js';
import { importImage } from './image.js';
import { Root } from './root.js';

/** Another Node than ours, to run the services with. */
const node = process.env['GRACEFUL_TEST_NODE'] ?? process.execPath;

/** What stands for `node:24-slim`, where no registry is: Node, as this machine has it, and nothing to start it with. */
export async function nodeImage(): Promise<string> {
  using root = nodeRoot();
  return await importImage('node', root.folder);
}

/** The content of that image. */
export function nodeRoot(): Root {
  return (
    new Root()
      .program(node, '/usr/local/bin/node')
      // What `#!/usr/bin/env node` needs.
      .program('/usr/bin/env')
      .text('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n')
      .text('/etc/group', 'root:x:0:\nnode:x:1000:\n')
      .text('/etc/nsswitch.conf', 'hosts: files dns\n')
      .temporary('/tmp')
      .temporary('/home/node')
  );
}

/** Programs of this machine that are put around a service. */
export const surroundings: readonly string[] = ['npm', 'dash', 'bash', 'busybox', 'tini', 'dumb-init'];

/** With the shells, inits and package managers that are put around a service. */
export function addSurroundings(root: Root): Root {
  const npm = pathOf('npm');
  if (npm === undefined) throw new Error('Expected npm to be installed.');
  return root
    .program('dash', '/bin/dash')
    .link('/bin/dash', '/bin/sh')
    .program('bash', '/bin/bash')
    .program('busybox', '/bin/busybox')
    .program('tini', '/usr/bin/tini')
    .program('dumb-init', '/usr/bin/dumb-init')
    .tree(dirname(dirname(realpathSync(npm))), '/usr/local/lib/node_modules/npm')
    .link('/usr/local/lib/node_modules/npm/bin/npm-cli.js', '/usr/local/bin/npm');
}
