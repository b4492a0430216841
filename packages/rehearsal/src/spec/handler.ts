import { known, oneOf, text, whole, words, wrong } from './checks.js';

/** What a hook or a probe does, with every default filled in. */
export type Handler =
  | { readonly does: 'exec'; readonly command: readonly string[] }
  | { readonly does: 'httpGet'; readonly get: Get }
  | { readonly does: 'tcpSocket'; readonly port: number; readonly host: string | undefined }
  | { readonly does: 'sleep'; readonly seconds: number };

/** A GET from the node. */
export interface Get {
  readonly path: string;
  readonly port: number;
  /** The pod's own, where none is given. */
  readonly host: string | undefined;
  readonly scheme: 'HTTP' | 'HTTPS';
  readonly headers: readonly (readonly [name: string, value: string])[];
}

type Kind = Handler['does'];

/** The one handler that `value` has. */
export function resolveHandler(
  at: string,
  value: unknown,
  ports: ReadonlyMap<string, number>,
  kinds: readonly Kind[],
): Handler {
  known(at, value, kinds);
  const given = Object.entries(value as Readonly<Record<string, unknown>>);
  const [only] = given;
  if (given.length !== 1 || only === undefined)
    throw wrong(
      `${at} to have exactly one of ${kinds.join(', ')}`,
      given.map(([kind]) => kind).join(' and ') || 'none',
    );
  const [kind, what] = only as [Kind, unknown];
  const where = `${at}.${kind}`;
  switch (kind) {
    case 'exec':
      return exec(where, what);
    case 'httpGet':
      return { does: 'httpGet', get: httpGet(where, what, ports) };
    case 'tcpSocket': {
      known(where, what, ['port', 'host']);
      const { port, host } = what as { port?: unknown; host?: unknown };
      return {
        does: 'tcpSocket',
        port: portOf(`${where}.port`, port, ports),
        host: optional(`${where}.host`, host),
      };
    }
    case 'sleep': {
      known(where, what, ['seconds']);
      const { seconds } = what as { seconds?: unknown };
      if (seconds === undefined) throw wrong(`${where}.seconds to be given`, seconds);
      return { does: 'sleep', seconds: whole(`${where}.seconds`, seconds, 0, 0) };
    }
  }
}

function exec(at: string, value: unknown): Handler {
  known(at, value, ['command']);
  const command = words(`${at}.command`, (value as { command?: unknown }).command);
  if (command.length === 0) throw wrong(`${at}.command to name a program`, command);
  return { does: 'exec', command };
}

function httpGet(at: string, value: unknown, ports: ReadonlyMap<string, number>): Get {
  known(at, value, ['path', 'port', 'host', 'scheme', 'httpHeaders']);
  const { path, port, host, scheme, httpHeaders = [] } = value as Readonly<Record<string, unknown>>;
  if (!Array.isArray(httpHeaders)) throw wrong(`${at}.httpHeaders to be an array`, httpHeaders);
  return {
    path: optional(`${at}.path`, path) ?? '/',
    port: portOf(`${at}.port`, port, ports),
    host: optional(`${at}.host`, host),
    scheme: oneOf(`${at}.scheme`, scheme, ['HTTP', 'HTTPS'], 'HTTP'),
    headers: httpHeaders.map((header: unknown, index) => {
      known(`${at}.httpHeaders[${index}]`, header, ['name', 'value']);
      const { name, value: content = '' } = header as { name?: unknown; value?: unknown };
      return [text(`${at}.httpHeaders[${index}].name`, name), String(content)] as const;
    }),
  };
}

function optional(at: string, value: unknown): string | undefined {
  return value === undefined ? undefined : text(at, value);
}

function portOf(at: string, value: unknown, ports: ReadonlyMap<string, number>): number {
  const port = typeof value === 'string' ? ports.get(value) : value;
  if (Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65_535) return port as number;
  throw wrong(`${at} to be a port, or the name of one in the container's ports`, value);
}
