import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { within } from '@graceful/conformance/client';
import { docker, pathOf, required } from './engine.js';

const patienceMs = 60_000;

/** Why an engine cannot be started here, or `undefined` where it can. */
export function whyNoOwnEngine(): string | undefined {
  // Nobody who only runs the tests expects them to start one.
  if (!required) return 'an engine of its own is started only where REQUIRE_DOCKER=1 asks for one';
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root can start an engine';
  return pathOf('dockerd') === undefined ? 'not installed: dockerd' : undefined;
}

/**
 * An engine that a test may stop and kill, in a network namespace of its own:
 * beside another engine it would take that one's bridge and rules away. Its
 * containers are reached by Unix sockets. Of this process, from its start on,
 * it is the engine.
 */
export class OwnEngine implements AsyncDisposable {
  readonly #folder: string;
  #process: ChildProcess;
  #log = '';

  static async start(liveRestore: boolean): Promise<OwnEngine> {
    const folder = mkdtempSync(join(tmpdir(), 'graceful-engine-'));
    process.env['DOCKER_HOST'] = `unix://${folder}/docker.sock`;
    const engine = new OwnEngine(folder, liveRestore);
    await engine.#answers();
    return engine;
  }

  private constructor(folder: string, liveRestore: boolean) {
    this.#folder = folder;
    this.#process = this.#spawn(liveRestore);
  }

  /** Everything that it has said. */
  get log(): string {
    return this.#log;
  }

  /** End it with a signal; resolves when it has ended. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const exited = once(this.#process, 'exit');
    this.#process.kill(signal);
    await within(patienceMs, 'the end of the engine', exited);
  }

  /** Start it again; resolves when it answers. */
  async startAgain(liveRestore: boolean): Promise<void> {
    this.#process = this.#spawn(liveRestore);
    await this.#answers();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await this.end('SIGTERM');
    this.#unmount();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  /** An engine that was killed leaves its mounts. */
  #unmount(): void {
    const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
    const own = mounts
      .flatMap((line) => line.split(' ')[1] ?? [])
      .filter((at) => at.startsWith(this.#folder));
    for (const place of own.toReversed()) spawnSync('umount', ['--lazy', place]);
  }

  #spawn(liveRestore: boolean): ChildProcess {
    const folder = this.#folder;
    const child = spawn(
      'unshare',
      [
        '--net',
        pathOf('dockerd') ?? 'dockerd',
        `--host=unix://${folder}/docker.sock`,
        `--data-root=${folder}/data`,
        `--exec-root=${folder}/exec`,
        `--pidfile=${folder}/pid`,
        '--exec-opt=native.cgroupdriver=cgroupfs',
        '--bridge=none',
        '--iptables=false',
        '--ip-forward=false',
        `--live-restore=${liveRestore}`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    child.stderr?.setEncoding('utf8').on('data', (text: string) => void (this.#log += text));
    return child;
  }

  async #answers(): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!(await this.#pings())) {
      const { exitCode, signalCode } = this.#process;
      if (exitCode !== null || signalCode !== null || performance.now() > deadline)
        throw new Error(`the engine does not answer:\n${this.#log}`);
      // It tells nobody when it begins to.
      await sleep(50);
    }
  }

  async #pings(): Promise<boolean> {
    try {
      await (await docker()).ping();
      return true;
    } catch {
      return false;
    }
  }
}
