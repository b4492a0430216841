import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ControlServer, type ControlServerOptions } from '../../../src/control.js';
import { testFolder } from './folder.js';
import { TestTarget } from './target.js';

/** A control socket with a target behind it, for one test. */
export async function openControl(
  options: Partial<ControlServerOptions> = {},
): Promise<{ server: ControlServer; target: TestTarget; path: string }> {
  const target = new TestTarget();
  const server = await ControlServer.open(target, {
    path: join(testFolder(), 'control.sock'),
    clientMs: 5_000,
    ...options,
  });
  onTestFinished(async () => {
    for (const { progress } of target.asked) progress.settle({ done: 'ok' });
    await server.close();
  });
  return { server, target, path: server.path };
}
