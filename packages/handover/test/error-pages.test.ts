import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { environmentOf, takeMembership } from '../src/generation/environment.js';
import { handoverErrorCodes } from '../src/handover-error.js';
import { resolveHandover } from '../src/in-process/options.js';
import { HeldSockets } from '../src/supervisor/held-sockets.js';

const pages = ['hot-upgrade.md', 'cli.md'];

/** The rows of the tables under "Errors", by their codes. */
const rows = new Map(
  pages.flatMap((name) => {
    const page = readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
    const section = page.slice(page.indexOf('\n## Errors\n'));
    return [...section.matchAll(/^\| `(ERR_HANDOVER_\w+)` *\|(.*)\|$/gm)].map(
      ([, code = '', rest = '']) => [code, rest.split('|').map((cell) => cell.trim())] as const,
    );
  }),
);

const membership = {
  generation: 2,
  form: 'process',
  token: 'ab',
  parent: 1,
  channel: 4,
  sockets: [],
} as const;

/** What makes the errors that the page of the hot upgrade shows. */
const examples = {
  ERR_HANDOVER_OPTION: () => resolveHandover({ overlapMs: '1s' as never }),
  ERR_HANDOVER_ENVIRONMENT: () =>
    takeMembership({ ...environmentOf({}, membership), GRACEFUL_CHANNEL: 'three' }, { pid: 2, ppid: 1 }),
  ERR_HANDOVER_LISTEN: () => new HeldSockets().open([{ name: 'http', host: '192.0.2.1', port: 3000 }]),
};

describe('the pages of errors', () => {
  it('tell of each code, and of no other', () => {
    expect([...rows.keys()].toSorted()).toEqual(Object.keys(handoverErrorCodes).toSorted());
  });

  it.each(Object.entries(examples))('show %s as it is written', async (code, fails) => {
    const [, example = ''] = rows.get(code) ?? [];
    const shown = /^(`+) ?(.*?) ?\1$/.exec(example)?.[2];
    const thrown: unknown = await Promise.resolve()
      .then(fails)
      .catch((error: unknown) => error);
    expect((thrown as Error).message).toBe(`${code}: ${shown}`);
  });
});
