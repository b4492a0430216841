import { ConfigError } from '../config-error.js';
import type { Source } from '../options.js';

/** What the system says of `path`, as an answer to whoever asked for it. */
export function readError(error: unknown, path: string, source: Source): ConfigError {
  if (error instanceof ConfigError) return error;
  const { code } = error as NodeJS.ErrnoException;
  const said = error instanceof Error ? error.message : String(error);
  const details = { file: path, cause: error };
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ConfigError(
      'ERR_CONFIG_MISSING',
      `Expected a ${source} at ${path}, got ${code}: there is none. Create it, or correct \`${optionOf(source)}\`.`,
      details,
    );
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new ConfigError(
      'ERR_CONFIG_UNREADABLE',
      `Expected to be allowed to read ${path}, got ${code}${as()}. Let this user read it, and pass through each folder above it.`,
      details,
    );
  }
  return new ConfigError('ERR_CONFIG_UNREADABLE', `Expected to read ${path}, got ${said}.`, details);
}

export function optionOf(source: Source): string {
  return source === 'file' ? 'path' : 'directory';
}

function as(): string {
  const user = process.geteuid?.();
  return user === undefined ? '' : ` as user ${user}`;
}
