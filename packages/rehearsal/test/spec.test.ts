import { describe, expect, it } from 'vitest';
import { expand } from '../src/spec/environment.js';
import type { PodSpec } from '../src/spec/pod-spec.js';
import { resolvePod } from '../src/spec/resolve.js';

const pod = { name: 'orders-1', namespace: 'shop', uid: 'u', ip: '127.64.0.1', node: 'node' };
const app = { name: 'app', command: ['node'] };
const get = { httpGet: { port: 80 } };

describe('a pod that the API would refuse is refused, with what was expected and what came', () => {
  it.each<[string, unknown, RegExp]>([
    ['no containers', { containers: [] }, /`containers` to have at least one/],
    [
      'a misspelt field',
      { containers: [app], terminationGracePeriod: 3 },
      /no other fields.*got "terminationGracePeriod"/,
    ],
    [
      'half a second',
      { containers: [app], terminationGracePeriodSeconds: 0.5 },
      /a whole number from 0 on, got 0.5/,
    ],
    ['a name twice', { containers: [app, app] }, /containers\[1\]\.name to be given once/],
    ['a name with a dot', { containers: [{ ...app, name: 'a.b' }] }, /a DNS label/],
    [
      'a sleep beyond the grace',
      { containers: [{ ...app, lifecycle: { preStop: { sleep: { seconds: 31 } } } }] },
      /at most the grace period, 30, got 31/,
    ],
    [
      'two handlers',
      {
        containers: [{ ...app, lifecycle: { preStop: { sleep: { seconds: 1 }, exec: { command: ['a'] } } } }],
      },
      /exactly one of exec, httpGet, sleep, got "sleep and exec"/,
    ],
    [
      'a misspelt probe',
      { containers: [{ ...app, readinessProbe: { ...get, periodSecond: 1 } }] },
      /got "periodSecond"/,
    ],
    [
      'liveness with a successThreshold',
      { containers: [{ ...app, livenessProbe: { ...get, successThreshold: 2 } }] },
      /to be 1, as the API demands/,
    ],
    [
      'readiness with a grace',
      { containers: [{ ...app, readinessProbe: { ...get, terminationGracePeriodSeconds: 2 } }] },
      /readiness ends nobody/,
    ],
    [
      'a port that has no name',
      { containers: [{ ...app, readinessProbe: { httpGet: { port: 'http' } } }] },
      /the name of one in the container's ports, got "http"/,
    ],
    [
      'an init container with a probe',
      { containers: [app], initContainers: [{ ...app, name: 'i', readinessProbe: get }] },
      /only with restartPolicy: Always/,
    ],
    [
      'postStart',
      { containers: [{ ...app, lifecycle: { postStart: get } }] },
      /ERR_REHEARSAL_UNSUPPORTED: .*postStart/,
    ],
    [
      'grpc',
      { containers: [{ ...app, livenessProbe: { grpc: { port: 1 } } }] },
      /ERR_REHEARSAL_UNSUPPORTED: .*grpc/,
    ],
  ])('%s', (_what, spec, message) => {
    expect(() => resolvePod(spec as PodSpec, pod)).toThrow(message);
  });
});

it('a hook may sleep for all of the grace', () => {
  const lifecycle = { preStop: { sleep: { seconds: 30 } } };
  expect(resolvePod({ containers: [{ ...app, lifecycle }] }, pod).mains[0]?.preStop).toEqual({
    does: 'sleep',
    seconds: 30,
  });
});

it('what a manifest says beside a life is accepted', () => {
  const more = { image: 'orders:1', resources: {}, volumeMounts: [], securityContext: {} };
  const spec = { containers: [{ ...app, ...more }], volumes: [], topologySpreadConstraints: [] };
  expect(resolvePod(spec as PodSpec, pod).mains[0]).toMatchObject({ image: 'orders:1' });
});

it('defaults are those of the API', () => {
  const resolved = resolvePod({ containers: [{ ...app, livenessProbe: get }] }, pod);
  expect(resolved).toMatchObject({ restartPolicy: 'Always', graceSeconds: 30, critical: false });
  expect(resolved.mains[0]?.probes[0]).toEqual({
    kind: 'liveness',
    handler: { does: 'httpGet', get: { path: '/', port: 80, host: undefined, scheme: 'HTTP', headers: [] } },
    initialDelaySeconds: 0,
    periodSeconds: 10,
    timeoutSeconds: 1,
    successThreshold: 1,
    failureThreshold: 3,
    graceSeconds: undefined,
  });
});

it('variables are filled in, the downward API and those before them', () => {
  const env = [
    { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    { name: 'URL', value: 'http://$(POD_IP):80/$(NOBODY)' },
  ];
  const [main] = resolvePod(
    { containers: [{ ...app, env, args: ['--at', '$(URL)', '$$(URL)'] }] },
    pod,
  ).mains;
  expect(main?.environment).toEqual({ POD_IP: '127.64.0.1', URL: 'http://127.64.0.1:80/$(NOBODY)' });
  expect(main?.args).toEqual(['--at', 'http://127.64.0.1:80/$(NOBODY)', '$(URL)']);
  expect(expand('$(A)$', { A: 'a' })).toBe('a$');
});
