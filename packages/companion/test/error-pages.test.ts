import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { companionErrorCodes } from '../src/companion-error.js';
import { waitFor } from '../src/wait/wait-for.js';

const docs = new URL('../../../docs/', import.meta.url);

/** The rows of the tables of errors, wherever they are, by their codes. */
const rows = readdirSync(docs)
  .filter((name) => name.endsWith('.md'))
  .flatMap((name) => {
    const page = readFileSync(new URL(name, docs), 'utf8');
    return [...page.matchAll(/^\| `(ERR_COMPANION_\w+)` *\|/gm)].map(([, code = '']) => code);
  });

describe('the pages of errors', () => {
  it('tell of each code once, and of no other', () => {
    expect(rows.toSorted()).toEqual(Object.keys(companionErrorCodes).toSorted());
  });
});

describe('an error', () => {
  it('says its code first, and has it as a field', async () => {
    await expect(waitFor(['db:5432'])).rejects.toMatchObject({
      name: 'CompanionError',
      code: 'ERR_COMPANION_TARGET',
      message: expect.stringMatching(/^ERR_COMPANION_TARGET: Expected /),
    });
  });
});
