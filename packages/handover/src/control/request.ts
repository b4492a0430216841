import { isAbsolute } from 'node:path';
import type { Outcome, UpgradeRequest } from './target.js';

/** The version of what is spoken on a control socket. */
export const controlVersion = 1;

/** The longest request, in bytes: a command line of the length that Linux allows for one argument is half of it. */
export const longestRequest = 65_536;

/** What may be asked for; one line, one request for each connection. */
export type ControlRequest =
  | { readonly do: 'status' }
  | ({ readonly do: 'upgrade' } & UpgradeRequest)
  | { readonly do: 'rollback' }
  | { readonly do: 'drain' }
  | { readonly do: 'stop' };

/** Why a request was not understood. Bounded. */
export type RefusalCode = 'malformed' | 'version' | 'unknown-request' | 'oversized' | 'slow' | 'busy';

/** A request that did not get as far as the supervisor. */
export interface Refusal extends Outcome {
  readonly done: 'refused';
  readonly code: RefusalCode;
  readonly message: string;
}

export function refusal(code: RefusalCode, message: string): Refusal {
  return { done: 'refused', code, message };
}

const keys: Readonly<Record<ControlRequest['do'], readonly string[]>> = {
  status: [],
  upgrade: ['command', 'cwd'],
  rollback: [],
  drain: [],
  stop: [],
};

/** Read a request; whatever is wrong with it is said, and it is not guessed at. */
export function parseRequest(line: Buffer): ControlRequest | Refusal {
  const given = jsonObject(line);
  if (!given) {
    return refusal(
      'malformed',
      `Expected one line of JSON such as {"v":${controlVersion},"do":"status"}, got ${excerpt(line)}.`,
    );
  }
  const { v, do: what, ...rest } = given;
  if (v !== controlVersion) {
    return refusal('version', `Expected \`v\` to be ${controlVersion}, got ${shown(v)}.`);
  }
  if (typeof what !== 'string' || !Object.hasOwn(keys, what)) {
    const known = Object.keys(keys).join(', ');
    return refusal('unknown-request', `Expected \`do\` to be one of ${known}, got ${shown(what)}.`);
  }
  const known = keys[what as ControlRequest['do']];
  const stray = Object.keys(rest).find((key) => !known.includes(key));
  if (stray !== undefined) {
    // Most often misspelt: an upgrade to something else than was meant.
    const expected = known.length > 0 ? `no other keys than ${known.join(', ')}` : 'no further keys';
    return refusal('malformed', `Expected "${what}" to have ${expected}, got ${shown(stray)}.`);
  }
  const wrong = what === 'upgrade' ? wrongUpgrade(rest) : undefined;
  return wrong ? refusal('malformed', wrong) : ({ do: what, ...rest } as ControlRequest);
}

function wrongUpgrade({ command, cwd }: Record<string, unknown>): string | undefined {
  if (command !== undefined && !isCommand(command)) {
    return `Expected \`command\` to be an array of strings that begins with a program, got ${shown(command)}.`;
  }
  if (cwd !== undefined && !(isText(cwd) && isAbsolute(cwd))) {
    return `Expected \`cwd\` to be an absolute path, got ${shown(cwd)}.`;
  }
  return undefined;
}

function isCommand(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText) && value.length > 0 && value[0] !== '';
}

/** No argument of a program can hold a NUL: execve(2) ends it there. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
}

function jsonObject(line: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The beginning, with everything that could upset a terminal made visible. */
function excerpt(line: Buffer): string {
  if (line.length === 0) return 'an empty line';
  const begin = JSON.stringify(line.toString('latin1', 0, 40));
  return line.length > 40 ? `${begin} and ${line.length - 40} bytes more` : begin;
}

function shown(value: unknown): string {
  if (value === undefined) return 'none';
  const json = JSON.stringify(value);
  return json.length > 60 ? `${json.slice(0, 60)}…` : json;
}
