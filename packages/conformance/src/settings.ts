import {
  expectBoolean,
  expectCount,
  expectDuration,
  expectKnownKeys,
  expectObject,
  expectOneOf,
  expectPath,
  expectPort,
  expectText,
  expectTextByName,
  expectTexts,
  unexpected,
} from './expect.js';
import type { ConformanceOptions, PromiseOptions } from './options.js';
import { leastTakesMs, type Requests, requestsOf } from './requests.js';

/** Where something is that need not be on the port of the service. */
interface OtherPort {
  readonly port: number | undefined;
  readonly portVariable: string | undefined;
}

/** The options, checked, with every default in its place. */
export interface Settings {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly portVariable: string;
  readonly port: number | undefined;
  readonly host: string;
  readonly tls: boolean;
  readonly readiness: (OtherPort & { readonly path: string }) | undefined;
  readonly http2: (OtherPort & { readonly path: string; readonly takesMs: number }) | undefined;
  readonly startMs: number;
  readonly requests: Requests;
  readonly promises: {
    readonly lameDuckMs: number;
    readonly idleMs: number;
    readonly deadlineMs: number | undefined;
    readonly exitLagMs: number;
  };
  readonly only: readonly string[] | undefined;
  readonly concurrency: number;
}

const optionNames =
  'command cwd env portVariable port host tls readiness startMs requests http2 promises only concurrency'.split(
    ' ',
  );

/** @throws {@link ConformanceError} `ERR_CONFORMANCE_OPTION` */
export function toSettings(options: ConformanceOptions, rows: readonly string[]): Settings {
  expectObject('options', options);
  expectKnownKeys('options', options, optionNames);
  const { cwd = process.cwd(), env = {}, port, portVariable = 'PORT', host = '127.0.0.1' } = options;
  const { command, tls = false, startMs = 20_000, only } = options;
  expectTexts('command', command);
  expectText('cwd', cwd);
  expectTextByName('env', env);
  expectText('portVariable', portVariable);
  if (port !== undefined) expectPort('port', port);
  expectText('host', host);
  expectBoolean('tls', tls);
  expectDuration('startMs', startMs, 1);
  if (only) {
    expectTexts('only', only);
    for (const id of only) expectOneOf('a row in only', id, rows);
  }
  const readiness = readinessOf(options.readiness);
  const http2 = http2Of(options.http2);
  const fixed = [port, readiness?.port, http2?.port].some((given) => given !== undefined);
  const { concurrency = fixed ? 1 : 3 } = options;
  expectCount('concurrency', concurrency);
  if (fixed && concurrency > 1)
    unexpected('concurrency to be 1, for two services cannot listen on one port', concurrency);
  return {
    command,
    cwd,
    env,
    portVariable,
    port,
    host,
    tls,
    readiness,
    http2,
    startMs,
    only,
    concurrency,
    requests: requestsOf(options.requests),
    promises: promisesOf(options.promises),
  };
}

function readinessOf(option: ConformanceOptions['readiness']): Settings['readiness'] {
  if (option === undefined) return undefined;
  if (typeof option === 'string') {
    expectPath('readiness', option);
    return { path: option, port: undefined, portVariable: undefined };
  }
  expectObject('readiness', option);
  expectKnownKeys('readiness', option, ['path', 'port', 'portVariable']);
  expectPath('readiness.path', option.path);
  return { path: option.path, ...otherPort('readiness', option) };
}

function http2Of(option: ConformanceOptions['http2']): Settings['http2'] {
  if (option === undefined) return undefined;
  expectObject('http2', option);
  expectKnownKeys('http2', option, ['path', 'takesMs', 'port', 'portVariable']);
  const { path, takesMs } = option;
  expectPath('http2.path', path);
  expectDuration('http2.takesMs', takesMs, leastTakesMs);
  return { path, takesMs, ...otherPort('http2', option) };
}

function otherPort(
  what: string,
  { port, portVariable }: { readonly port?: number; readonly portVariable?: string },
): OtherPort {
  if (port !== undefined) expectPort(`${what}.port`, port);
  if (portVariable !== undefined) expectText(`${what}.portVariable`, portVariable);
  return { port, portVariable };
}

function promisesOf(option: PromiseOptions = {}): Settings['promises'] {
  expectObject('promises', option);
  expectKnownKeys('promises', option, ['lameDuckMs', 'idleMs', 'deadlineMs', 'exitLagMs']);
  const { lameDuckMs = 0, idleMs = 5_000, deadlineMs, exitLagMs = 1_000 } = option;
  expectDuration('promises.lameDuckMs', lameDuckMs);
  expectDuration('promises.idleMs', idleMs);
  if (deadlineMs !== undefined) {
    expectDuration('promises.deadlineMs', deadlineMs, 1);
    if (deadlineMs <= lameDuckMs)
      unexpected(`promises.deadlineMs to be more than promises.lameDuckMs (${lameDuckMs})`, deadlineMs);
  }
  expectDuration('promises.exitLagMs', exitLagMs, 1);
  return { lameDuckMs, idleMs, deadlineMs, exitLagMs };
}
