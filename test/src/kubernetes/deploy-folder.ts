import { fileURLToPath } from 'node:url';

/** Where the manifests are, seen from this file and from what it is compiled to. */
export const deployFolder: string = fileURLToPath(new URL('../../../deploy/kubernetes', import.meta.url));

/** What a user applies with `kubectl apply -k`. */
export const overlays = ['alone', 'companion', 'sleep', 'everything'] as const;

/** Those of the overlays that are there as one file as well, for `kubectl apply -f`. */
export const plainFiles = ['alone', 'companion'] as const;
