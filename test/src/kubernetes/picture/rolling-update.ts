import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assembled } from '../assembled.js';
import { departureOf } from '../departure.js';
import type { Measured } from './instants.js';
import { picture } from './picture.js';

const testFolder = new URL('../../../', import.meta.url);
const measuredPath = fileURLToPath(new URL('fixtures/kubernetes/rolling-update.json', testFolder));

/** Where the page has it. */
export const picturePath: string = fileURLToPath(new URL('../docs/rolling-update.svg', testFolder));

/** The picture of docs/kubernetes.md: what was measured last, and the sums of the manifests as they are now. */
export function rollingUpdate(): string {
  const { instants, requests, lost } = JSON.parse(readFileSync(measuredPath, 'utf8')) as Measured;
  return picture(
    instants,
    `overlays/companion on an emulated node, its proxies 3 s late; ${requests.toLocaleString('en-US')} requests by clients that never retry: ${lost} lost`,
    {
      alone: departureOf(assembled('overlays/alone')),
      companion: departureOf(assembled('overlays/companion')),
    },
  );
}

/** Keep what was measured. */
export function keepMeasured(measured: Measured): void {
  writeFileSync(measuredPath, `${JSON.stringify(measured, undefined, 2)}\n`);
}
