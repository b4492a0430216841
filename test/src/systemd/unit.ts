import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { within } from '@graceful/conformance/client';
import { gracefulCommand } from '../command-line/program.js';

/** Where the manager of `.ci/with-systemd` looks for units; `undefined` without it. */
export const unitFolder: string | undefined = process.env['SYSTEMD_UNITS'];

const deployed = fileURLToPath(new URL('../../../deploy/systemd/', import.meta.url));
const patienceMs = 40_000;

/** How `systemctl` ended. */
export interface Told {
  readonly code: number | null;
  readonly said: string;
}

export async function systemctl(...args: readonly string[]): Promise<Told> {
  const child = spawn('systemctl', ['--user', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [[code], out, err] = await within(
    patienceMs,
    `systemctl ${args.join(' ')}`,
    Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]),
  );
  return { code: code as number | null, said: out + err };
}

/** A unit of `deploy/systemd`, with the programs and the address of a test in place of those in it. */
export function adapted(file: string, replacements: Readonly<Record<string, string>>): string {
  let unit = readFileSync(join(deployed, file), 'utf8');
  for (const [before, now] of Object.entries(replacements)) {
    if (!unit.includes(before)) throw new Error(`Expected ${before} in ${file}.`);
    unit = unit.replaceAll(before, now);
  }
  return unit;
}

/** The command line, as `ExecStart=` wants it: without a PATH. */
export const graceful: string = gracefulCommand([]).join(' ');

/**
 * What a test changes, in a file beside the unit: a user manager has no other
 * users and no journal, and what is tested lies in /tmp and somebody's home.
 */
const ofTest = [
  '[Service]',
  'User=',
  'PrivateTmp=no',
  'ProtectSystem=no',
  'ProtectHome=no',
  'RestartSec=100ms',
];

/** A unit in the hands of the manager, gone when the test ends. */
export class Unit {
  readonly name: string;
  readonly #log: string;

  static async install(
    name: string,
    content: string,
    options: { readonly log: string; readonly settings?: readonly string[] },
  ): Promise<Unit> {
    const unit = new Unit(name, options.log);
    onTestFinished(() => unit.#remove());
    unit.#write(content, options.settings ?? []);
    await systemctl('daemon-reload');
    return unit;
  }

  private constructor(name: string, log: string) {
    this.name = name;
    this.#log = log;
  }

  start(): Promise<Told> {
    return systemctl('start', this.name);
  }

  stop(): Promise<Told> {
    return systemctl('stop', this.name);
  }

  reload(): Promise<Told> {
    return systemctl('reload', this.name);
  }

  restart(): Promise<Told> {
    return systemctl('restart', this.name);
  }

  /** What the manager knows of it. */
  async show<Property extends string>(...properties: readonly Property[]): Promise<Record<Property, string>> {
    const { said } = await systemctl('show', this.name, ...properties.map((name) => `--property=${name}`));
    return Object.fromEntries(
      said
        .trim()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    ) as Record<Property, string>;
  }

  async mainPid(): Promise<number> {
    return Number((await this.show('MainPID')).MainPID);
  }

  /** Resolves when what the manager knows of `property` is as wanted. */
  until(property: string, isWanted: (value: string) => boolean): Promise<string> {
    return this.#look(`the right ${property}`, async () => {
      const value = (await this.show(property))[property] ?? '';
      return isWanted(value) ? value : undefined;
    });
  }

  /** Resolves when its processes have printed `what` so often. */
  async prints(what: string, times: number = 1): Promise<void> {
    await this.#look(`${times} of "${what}"`, () => this.log.split(what).length > times || undefined);
  }

  /** Resolves when there is no process `pid` any more. */
  async gone(pid: number): Promise<void> {
    await this.#look(`the end of process ${pid}`, () => !existsSync(`/proc/${pid}`) || undefined);
  }

  /** What its processes have printed. */
  get log(): string {
    try {
      return readFileSync(this.#log, 'utf8');
    } catch {
      return '';
    }
  }

  /** Neither the manager nor a file calls anybody: they are asked. */
  async #look<T>(what: string, question: () => T | undefined | Promise<T | undefined>): Promise<T> {
    const until = performance.now() + patienceMs;
    for (;;) {
      const answer = await question();
      if (answer !== undefined) return answer;
      if (performance.now() > until) throw new Error(`waited for ${what} of ${this.name}:\n${this.log}`);
      await after(50);
    }
  }

  #write(content: string, settings: readonly string[]): void {
    const folder = join(unitFolder ?? '', `${this.name}.d`);
    mkdirSync(folder);
    writeFileSync(join(unitFolder ?? '', this.name), content);
    if (!this.name.endsWith('.service')) return;
    const output = [`StandardOutput=append:${this.#log}`, `StandardError=append:${this.#log}`];
    writeFileSync(join(folder, 'test.conf'), `${[...ofTest, ...output, ...settings].join('\n')}\n`);
  }

  async #remove(): Promise<void> {
    // A test that failed may have left one that does not leave.
    await systemctl('kill', '--signal=KILL', this.name);
    await this.stop();
    rmSync(join(unitFolder ?? '', this.name));
    rmSync(join(unitFolder ?? '', `${this.name}.d`), { recursive: true });
    await systemctl('reset-failed', this.name);
    await systemctl('daemon-reload');
  }
}
