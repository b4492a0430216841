import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { assembled } from '../src/kubernetes/assembled.js';
import { departureOf, longest } from '../src/kubernetes/departure.js';
import { overlays } from '../src/kubernetes/deploy-folder.js';
import { picturePath, rollingUpdate } from '../src/kubernetes/picture/rolling-update.js';
import { serviceSeconds, unreadySeconds } from '../src/kubernetes/propagation.js';

const docs = new URL('../../docs/', import.meta.url);
const page = readFileSync(new URL('kubernetes.md', docs), 'utf8');

/** The cells of the row that begins with this. */
function row(begin: string): string[] {
  const line = page.split('\n').find((candidate) => candidate.startsWith(`| ${begin}`));
  if (line === undefined) expect.fail(`no row ${begin}`);
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.replaceAll('*', '').trim());
}

describe('docs/kubernetes.md', () => {
  it('has the sums of the manifests', () => {
    const columns = ['alone', 'companion', 'sleep'] as const;
    const departures = columns.map((overlay) => departureOf(assembled(`overlays/${overlay}`)));
    expect(row('sum').slice(1)).toEqual(departures.map((departure) => String(longest(departure))));
    expect(
      row('`terminationGracePeriodSeconds`')
        .slice(1)
        .map((cell) => Number.parseInt(cell, 10)),
    ).toEqual(departures.map(({ grace }) => grace));
  });

  it('has the seconds that the proxies need', () => {
    expect(row('a Service (kube-proxy)')[1]).toMatch(new RegExp(`^${serviceSeconds};`));
    expect(page).toContain(`The ${unreadySeconds} in (5) is the way of an endpoint.`);
  });

  it('tells of each overlay', () => {
    for (const overlay of overlays) expect(page).toContain(`\`overlays/${overlay}\``);
  });

  it('has the picture that the manifests make; if not: npx --yes pnpm@12 manifests', () => {
    expect(readFileSync(picturePath, 'utf8')).toBe(rollingUpdate());
  });

  it('links to what is there', () => {
    const links = [...page.matchAll(/\]\(([^)#]+)[^)]*\)/g)].flatMap(([, link = '']) =>
      link.startsWith('https:') ? [] : link,
    );
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((link) => !existsSync(fileURLToPath(new URL(link, docs))))).toEqual([]);
  });
});
