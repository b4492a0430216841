import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ControlServer } from '@graceful/handover/control';
import { Program, type ProgramOptions } from './program.js';
import { type Script, ScriptedTarget } from './scripted-target.js';

/** A folder for one test, which goes when the test ends. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'command-line-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Something to talk to, at a socket of its own. */
export async function scripted(
  script: Script = {},
): Promise<{ target: ScriptedTarget; server: ControlServer; path: string }> {
  const target = new ScriptedTarget(script);
  const server = await ControlServer.open(target, { path: join(testFolder(), 'control.sock') });
  onTestFinished(async () => {
    for (const { progress } of target.asked) progress.settle({ done: 'ok' });
    await server.close();
  });
  return { target, server, path: server.path };
}

/** A program for one test, which is ended with it. */
export function start(args: readonly string[], options: ProgramOptions = {}): Program {
  const program = Program.start(args, options);
  onTestFinished(() => program.destroy());
  return program;
}
