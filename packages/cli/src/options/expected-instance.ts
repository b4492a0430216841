import { expected } from './expected.js';

/** Who is expected in a pod, as it was typed; what the names may be is the companion's to say. */
export interface ExpectedInstance {
  readonly name: string;
  readonly ports?: readonly number[];
  readonly after?: readonly string[];
  readonly container?: string;
}

const form = 'name[:port[+port]][,after=name[+name]][,container=name], such as orders:3000,after=nginx';

/**
 * One more that `--expect` names, or several with spaces between them, as a
 * variable of the environment has them.
 *
 * @throws InvalidArgumentError with what was expected
 */
export function addExpected(
  text: string,
  before: readonly ExpectedInstance[] = [],
): readonly ExpectedInstance[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) throw expected(form, text);
  const all = [...before, ...words.map(parseExpected)];
  const [twice] = all.filter((one, index) => all.findIndex(({ name }) => name === one.name) < index);
  if (twice) throw expected('each name once', twice.name);
  return all;
}

function parseExpected(text: string): ExpectedInstance {
  const [first = '', ...fields] = text.split(',');
  const [, name, digits] = /^([^:=+]+)(?::([\d+]+))?$/.exec(first) ?? [];
  if (name === undefined) throw expected(form, text);
  const more: { after?: readonly string[]; container?: string } = {};
  for (const field of fields) {
    const [, key, value = ''] = /^(after|container)=(.+)$/.exec(field) ?? [];
    if (key === undefined || more[key as 'after' | 'container'] !== undefined) throw expected(form, text);
    if (key === 'after') more.after = value.split('+');
    else more.container = value;
  }
  return {
    name,
    ...(digits !== undefined && { ports: digits.split('+').map((port) => parsePort(port, text)) }),
    ...more,
  };
}

function parsePort(digits: string, text: string): number {
  const port = Number(digits);
  if (digits !== '' && port >= 1 && port <= 65_535) return port;
  throw expected(`${form}, with ports from 1 to 65535`, text);
}
