import { readFileSync } from 'node:fs';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom PostgreSQL runs as: nobody special where this is root, for it refuses
 * to be root; otherwise whoever this is, which is `undefined`.
 */
export function databaseUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = /^nobody:[^:]*:(-?\d+):(-?\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
  if (!line)
    throw new Error('PostgreSQL refuses to run as root and there is no user "nobody": set DATABASE_URL');
  return { uid: Number(line[1]), gid: Number(line[2]) };
}
