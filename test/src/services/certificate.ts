import { readFileSync } from 'node:fs';

function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8');
}

/** Signed by itself, for localhost, valid for a hundred years, and good for nothing but tests. */
export const certificate: { readonly cert: string; readonly key: string } = {
  cert: fixture('test-only-cert.pem'),
  key: fixture('test-only-key.pem'),
};
