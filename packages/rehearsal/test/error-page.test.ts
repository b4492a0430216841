import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { Deployment } from '../src/deployment/deployment.js';
import { Kubelet } from '../src/kubelet/node.js';
import { rehearsalErrorCodes } from '../src/rehearsal-error.js';

const page = readFileSync(new URL('../../../docs/kubelet.md', import.meta.url), 'utf8');
/** The rows of the table under "Errors", by their codes. */
const rows = new Map(
  [...page.slice(page.indexOf('\n## Errors\n')).matchAll(/^\| `(ERR_REHEARSAL_\w+)` *\|(.*)\|$/gm)].map(
    ([, code = '', rest = '']) => [code, rest.split('|').map((cell) => cell.trim())] as const,
  ),
);

const kubelet = new Kubelet();
afterEach(() => kubelet[Symbol.asyncDispose]());

/** What makes the errors that the page shows. */
const examples = {
  ERR_REHEARSAL_SPEC: () =>
    kubelet.run({ containers: [{ name: 'app' }], terminationGracePeriodSeconds: '30s' as never }),
  ERR_REHEARSAL_UNSUPPORTED: () =>
    kubelet.run({ containers: [{ name: 'app', livenessProbe: { grpc: { port: 1 } } as never }] }),
  ERR_REHEARSAL_START: async () => {
    const pod = await kubelet.run({ containers: [{ name: 'app', command: ['/nowhere/server'] }] });
    await pod.ready();
  },
  ERR_REHEARSAL_PROGRESS: async () => {
    const template = {
      containers: [
        { name: 'app', command: ['sleep', '100'], readinessProbe: { exec: { command: ['false'] } } },
      ],
    };
    await new Deployment(kubelet, { name: 'orders', template, progressDeadlineSeconds: 1 }).start();
  },
  ERR_REHEARSAL_GONE: async () => {
    const pod = await kubelet.run(
      { restartPolicy: 'Never', containers: [{ name: 'app', command: ['false'] }] },
      { name: 'orders-1' },
    );
    await pod.happens('readiness of its sidecar', () => false);
  },
};

describe('the page of the kubelet', () => {
  it('tells of each code, and of no other', () => {
    expect([...rows.keys()].toSorted()).toEqual(Object.keys(rehearsalErrorCodes).toSorted());
  });

  it.each(Object.entries(examples))('shows %s as it is written', async (code, fails) => {
    const [, example = ''] = rows.get(code) ?? [];
    const shown = /^(`+) ?(.*?) ?\1$/.exec(example)?.[2];
    const thrown: unknown = await Promise.resolve()
      .then(fails)
      .catch((error: unknown) => error);
    expect((thrown as Error).message).toBe(`${code}: ${shown}`);
  });
});
