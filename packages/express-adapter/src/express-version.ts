import { createRequire } from 'node:module';
import { GracefulError } from '@graceful/core';

/** The versions of Express whose routers are known. */
const supported = /^[45]\./;

/**
 * @param version - of the Express that this package was installed beside; where there is none to ask, there is none to refuse
 * @throws {@link GracefulError} `ERR_GRACEFUL_FRAMEWORK`
 */
export function assertSupportedExpress(version: string | undefined = installedVersion()): void {
  if (version === undefined || supported.test(version)) return;
  throw new GracefulError(
    'ERR_GRACEFUL_FRAMEWORK',
    `Expected Express 4 or 5, got ${version}. Install one of them, or use @graceful/core with graceful.listen(handler, …).`,
  );
}

function installedVersion(): string | undefined {
  try {
    const { version } = createRequire(import.meta.url)('express/package.json') as { version: string };
    return version;
  } catch {
    return undefined;
  }
}
