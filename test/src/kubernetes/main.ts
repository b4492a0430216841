/** Writes what is made of the manifests: the plain files. */
import { writeFileSync } from 'node:fs';
import { plainFiles } from './deploy-folder.js';
import { plainFile, plainPath } from './plain/plain-file.js';

for (const name of plainFiles) writeFileSync(plainPath(name), plainFile(name));
