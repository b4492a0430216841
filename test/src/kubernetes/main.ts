/**
 * Writes what is made of the manifests: the plain files, and the picture of
 * docs/kubernetes.md; with --measure, of a rolling update measured anew.
 */
import { writeFileSync } from 'node:fs';
import { plainFiles } from './deploy-folder.js';
import { measuredIn } from './picture/instants.js';
import { keepMeasured, picturePath, rollingUpdate } from './picture/rolling-update.js';
import { plainFile, plainPath } from './plain/plain-file.js';
import { rollUnderLoad } from './rehearsed/roll.js';

for (const name of plainFiles) writeFileSync(plainPath(name), plainFile(name));
if (process.argv.includes('--measure')) keepMeasured(measuredIn(await rollUnderLoad('companion')));
writeFileSync(picturePath, rollingUpdate());
