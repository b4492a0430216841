import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

/** A program to start: what, where, and with which environment. */
export interface Launch {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** As it was when this process started, whatever the app has changed since. */
  readonly environment: NodeJS.ProcessEnv;
}

const initialDirectory = operatorsDirectory();
const initialEnvironment = readEnvironment();
const typed = readCommandLine();

/**
 * The environment that this process was started with. The app may have
 * changed `process.env` since; a new generation starts where this one did.
 */
export function environmentAtStart(): NodeJS.ProcessEnv {
  return initialEnvironment;
}

/** The folder that this process was started in, by the name that the operator knows it by. */
export function directoryAtStart(): string {
  return initialDirectory;
}

/**
 * This program again, as the operator typed it. Paths are resolved anew: where
 * they lead through a symlink that has been switched, they lead to the new release.
 */
export function thisProgram(): Launch {
  const [node = process.execPath] = typed;
  const args = typed.slice(1);
  const script = args.length - (process.argv.length - 1);
  const options = args.slice(0, script).filter((option) => !inspects(option));
  const found = findExecutable(node, initialDirectory, initialEnvironment);
  const main = args[script];
  return {
    command: [
      found ?? process.execPath,
      ...options,
      ...(main === undefined ? [] : [resolve(initialDirectory, main)]),
      ...args.slice(script + 1),
    ],
    cwd: initialDirectory,
    environment: withoutInspector(initialEnvironment),
  };
}

/** What is missing for `launch`, in words; `undefined` where nothing is. */
export function missingFor({ command: [program], cwd, environment }: Launch): string | undefined {
  // First: spawn would blame the program for a folder that is gone.
  if (!isDirectory(cwd)) return `the folder ${cwd} to start in does not exist`;
  if (findExecutable(program, cwd, environment) === undefined) {
    return program.includes('/')
      ? `the program ${resolve(cwd, program)} does not exist, or is not executable`
      : `there is no executable program "${program}" in PATH`;
  }
  return undefined;
}

/** What is missing of this program's own script, in words. */
export function missingScript({ command, cwd }: Launch): string | undefined {
  const script = command[command.length - (process.argv.length - 1)];
  if (process.argv[1] === undefined || script === undefined) return undefined;
  const path = resolve(cwd, script);
  return [path, `${path}.js`, `${path}.mjs`, `${path}.cjs`].some(exists)
    ? undefined
    : `the script ${path} does not exist`;
}

/**
 * `command` with `LISTEN_PID` set: it must be the number of the process that
 * is meant (sd_listen_fds(3)), which nobody knows before it exists. `exec`
 * keeps the number. Where there is no shell the variable is left out.
 */
export function sayingItsNumber(command: readonly string[]): readonly string[] {
  if (!exists('/bin/sh')) return command;
  return ['/bin/sh', '-c', 'export LISTEN_PID=$$; exec "$@"', 'sh', ...command];
}

/** `PWD` keeps the name of a symlink that `process.cwd()` has followed; true only if it is the same folder. */
function operatorsDirectory(): string {
  const real = process.cwd();
  const { PWD } = process.env;
  if (PWD === undefined || !isAbsolute(PWD)) return real;
  try {
    const [here, named] = [statSync(real), statSync(PWD)];
    return here.dev === named.dev && here.ino === named.ino ? PWD : real;
  } catch {
    return real;
  }
}

/** proc(5): `/proc/self/environ` stays as it was at the start. */
function readEnvironment(): NodeJS.ProcessEnv {
  try {
    const environment: NodeJS.ProcessEnv = {};
    for (const line of readFileSync('/proc/self/environ', 'utf8').split('\0')) {
      const equals = line.indexOf('=');
      if (equals > 0) environment[line.slice(0, equals)] = line.slice(equals + 1);
    }
    return environment;
  } catch {
    return { ...process.env };
  }
}

/** proc(5): the words that were typed, before Node made paths of them. Empty words count. */
function readCommandLine(): string[] {
  try {
    const words = readFileSync('/proc/self/cmdline', 'utf8').split('\0');
    words.pop();
    if (words.length >= process.argv.length) return words;
  } catch {
    // Not on this system.
  }
  return [process.argv0, ...process.execArgv, ...process.argv.slice(1)];
}

/** The port of a debugger can be had only once. */
function inspects(option: string): boolean {
  return /^--inspect(-|=|$)/.test(option);
}

function withoutInspector(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_OPTIONS, ...rest } = environment;
  if (NODE_OPTIONS === undefined) return environment;
  const left = NODE_OPTIONS.split(/\s+/).filter((option) => option !== '' && !inspects(option));
  return left.length === 0 ? rest : { ...rest, NODE_OPTIONS: left.join(' ') };
}

function findExecutable(program: string, cwd: string, { PATH = '' }: NodeJS.ProcessEnv): string | undefined {
  const candidates = program.includes('/')
    ? [resolve(cwd, program)]
    : PATH.split(delimiter).map((folder) => join(resolve(cwd, folder), program));
  return candidates.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(realpathSync(path)).isFile();
  } catch {
    return false;
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function exists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch {
    return false;
  }
}
