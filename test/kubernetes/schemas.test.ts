import { describe, expect, it } from 'vitest';
import { assembled } from '../src/kubernetes/assembled.js';
import { overlays } from '../src/kubernetes/deploy-folder.js';
import { only, type Named } from '../src/kubernetes/manifest.js';
import { complaintsAbout } from '../src/kubernetes/schema/complaints.js';

describe.each(overlays)('overlays/%s', (overlay) => {
  const manifests = assembled(`overlays/${overlay}`);

  it.each(manifests.map((manifest) => [manifest.kind, manifest] as const))(
    '%s is what the API takes',
    (_, manifest) => {
      expect(complaintsAbout(manifest)).toEqual([]);
    },
  );
});

/** A Deployment with one thing changed. */
function changed(change: (pod: Pod) => void): Named {
  const deployment = structuredClone(only('Deployment', assembled('overlays/companion')));
  change(deployment.spec.template.spec);
  return deployment;
}

// oxlint-disable-next-line typescript/no-explicit-any -- what is changed is what no type allows
type Pod = any;

describe('a mistake is found', () => {
  it.each<[string, RegExp, (pod: Pod) => void]>([
    [
      'a field of the pod that is misspelt',
      /^\/spec\/template\/spec\/terminationGracePeriodSecond: unknown field$/,
      (pod) => {
        pod.terminationGracePeriodSecond = 30;
      },
    ],
    [
      'one of a probe',
      /\/readinessProbe\/failureTreshold: unknown field/,
      (pod) => {
        pod.containers[0].readinessProbe.failureTreshold = 1;
      },
    ],
    [
      'one of a native sidecar',
      /\/initContainers\/0\/restartPolicyy: unknown field/,
      (pod) => {
        pod.initContainers[0].restartPolicyy = 'Always';
      },
    ],
    [
      'one of a hook',
      /\/preStop\/slep: unknown field/,
      (pod) => {
        pod.containers[0].lifecycle.preStop = { slep: { seconds: 5 } };
      },
    ],
    [
      'a number that is a text',
      /terminationGracePeriodSeconds: type .*integer/,
      (pod) => {
        pod.terminationGracePeriodSeconds = '30s';
      },
    ],
    [
      'a missing name',
      /containers\/0: required .*"name"/,
      (pod) => {
        delete pod.containers[0].name;
      },
    ],
    [
      'a list that is an object',
      /\/containers: type .*array/,
      (pod) => {
        pod.containers = {};
      },
    ],
  ])('%s', (_, complaint, change) => {
    expect(complaintsAbout(changed(change)).join('\n')).toMatch(complaint);
  });

  it('an API version that there is no more', () => {
    const budget = { ...only('PodDisruptionBudget', assembled('base')), apiVersion: 'policy/v1beta1' };
    expect(complaintsAbout(budget)).toEqual(['no schema for PodDisruptionBudget of policy/v1beta1']);
  });

  it('a preStop that sleeps, and a sidecar that is native, are none', () => {
    const manifest = changed((pod) => {
      pod.containers[0].lifecycle.preStop = { sleep: { seconds: 5 } };
    });
    expect(complaintsAbout(manifest)).toEqual([]);
  });
});
