import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { companionErrorCodes } from '../src/companion-error.js';
import { resolveCompanion } from '../src/companion-options.js';
import { SocketPlace } from '../src/control/socket-place.js';
import { listenOn } from '../src/http/listen-on.js';
import { createServer } from 'node:http';

const pages = ['companion.md', 'wait.md', 'cli.md'];

/** The rows of the tables under "Errors", by their codes. */
const rows = new Map(
  pages.flatMap((name) => {
    const page = readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
    const section = page.slice(page.indexOf('\n## Errors\n'));
    return [...section.matchAll(/^\| `(ERR_COMPANION_\w+)` *\|(.*)\|$/gm)].map(
      ([, code = '', rest = '']) => [code, rest.split('|').map((cell) => cell.trim())] as const,
    );
  }),
);

/** What makes the errors that the page of the companion shows. */
const examples = {
  ERR_COMPANION_OPTION: () => resolveCompanion({ graceMs: '30s' as never }),
  ERR_COMPANION_CONTROL: () => SocketPlace.claim('/nowhere/graceful/control.sock'),
  ERR_COMPANION_LISTEN: () => listenOn(createServer(), 'kubelet', { host: '192.0.2.1', port: 9901 }),
};

describe('the pages of errors', () => {
  it('tell of each code, and of no other', () => {
    expect([...rows.keys()].toSorted()).toEqual(Object.keys(companionErrorCodes).toSorted());
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
