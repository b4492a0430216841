import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { configErrorCodes, isConfigError } from '../src/config-error.js';
import { watchConfig } from '../src/watch-config.js';
import { schemaOf } from './support/schema.js';
import { errorOf, fileWith, watching } from './support/watch.js';

const page = readFileSync(new URL('../../../docs/config.md', import.meta.url), 'utf8');

/** The rows of the table under "Errors", by their codes. */
const rows = new Map(
  [...page.slice(page.indexOf('\n## Errors\n')).matchAll(/^\| `(ERR_CONFIG_\w+)` *\|(.*)\|$/gm)].map(
    ([, code = '', rest = '']) => [code, rest.split('|').map((cell) => cell.trim())] as const,
  ),
);

/** The path that the page shows. */
const shownPath = '/etc/orders/config.json';
const quiet = { schema: schemaOf(), signal: false, logger: false } as const;

/** What makes each error; the path of a test becomes the one that the page shows. */
const examples: Record<keyof typeof configErrorCodes, (path: string) => unknown> = {
  ERR_CONFIG_OPTION: (path) => watchConfig({ ...quiet, path, debounceMs: '200ms' as never }),
  ERR_CONFIG_MISSING: (path) => watchConfig({ ...quiet, path: `${path}.gone` }),
  ERR_CONFIG_UNREADABLE: () => watchConfig({ ...quiet, path: '/dev/null' }),
  ERR_CONFIG_TOO_LARGE: (path) => watchConfig({ ...quiet, path, maxBytes: 4 }),
  ERR_CONFIG_PARSE: (path) => {
    writeFileSync(path, '{"port":8,}');
    return watchConfig({ ...quiet, path });
  },
  ERR_CONFIG_INVALID: (path) => watchConfig({ ...quiet, path, schema: z.object({ port: z.number() }) }),
  ERR_CONFIG_TIMEOUT: (path) =>
    watchConfig({ ...quiet, path, validateMs: 5, schema: schemaOf(() => new Promise<never>(() => {})) }),
  ERR_CONFIG_CLOSED: async (path) => {
    const config = await watching(path);
    config.close();
    await config.reload();
  },
};

describe('docs/config.md', () => {
  it('tells of each code, and of no other, in the order of the table', () => {
    expect([...rows.keys()]).toEqual(Object.keys(configErrorCodes));
  });

  it.each(Object.entries(examples))('shows %s as it is written', async (code, fails) => {
    const [, example = ''] = rows.get(code) ?? [];
    const shown = /^(`+) ?(.*?) ?\1$/.exec(example)?.[2];
    const path = fileWith('{"port": "80"}');
    const error = await errorOf(() => fails(path));
    expect(isConfigError(error)).toBe(true);
    const message = error.message.replaceAll(`${path}.gone`, shownPath).replaceAll(path, shownPath);
    expect(message).toBe(`${code}: ${shown}`);
  });

  it('names every option, with its default', () => {
    const source = readFileSync(new URL('../src/options.ts', import.meta.url), 'utf8');
    const section = page.slice(page.indexOf('\n## Options\n'), page.indexOf('\n## Errors\n'));
    const keys = /const keys = \[([^\]]*)\]/.exec(source)?.[1]?.match(/\w+/g) ?? [];
    expect(keys.length).toBeGreaterThan(10);
    for (const key of keys) expect(section).toContain(`\`${key}\``);
  });
});
