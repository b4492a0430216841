import { versionsOf } from '../../report/versions.js';

export async function handoverVersion(): Promise<string | undefined> {
  const [version] = await versionsOf(['@graceful/handover']);
  return version;
}
