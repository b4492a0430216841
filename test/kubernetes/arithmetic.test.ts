import { createGraceful } from '@graceful/core';
import { companionKit } from '@graceful/core/companion';
import { describe, expect, it } from 'vitest';
import { assembled } from '../src/kubernetes/assembled.js';
import { overlays } from '../src/kubernetes/deploy-folder.js';
import {
  argumentOf,
  departureOf,
  drainOf,
  longest,
  noticedIn,
  serviceOf,
  sidecarsOf,
  sumOf,
} from '../src/kubernetes/departure.js';
import { only, type Probe } from '../src/kubernetes/manifest.js';
import { serviceSeconds, unreadySeconds } from '../src/kubernetes/propagation.js';

/** A probe that has to be there. */
function given(probe: Probe | undefined): Probe {
  return probe ?? expect.fail('no such probe');
}

describe.each(overlays)('the numbers of overlays/%s add up', (overlay) => {
  const manifests = assembled(`overlays/${overlay}`);
  const deployment = only('Deployment', manifests).spec;
  const pod = deployment.template.spec;
  const service = serviceOf(manifests);
  const departure = departureOf(manifests);

  it('the grace holds all that a departure may take', () => {
    console.log(`${overlay}: ${sumOf(departure)}`);
    expect(longest(departure), sumOf(departure)).toBeLessThanOrEqual(departure.grace);
  });

  it('is served until no proxy sends here any more', () => {
    expect(departure.preStop.least + departure.lameDuck).toBeGreaterThanOrEqual(serviceSeconds);
  });

  it('a preStop leaves the service its whole budget, and is less than half of the grace', () => {
    const { preStop, grace, lameDuck, requests, hooks, margin } = departure;
    expect(preStop.most).toBeLessThanOrEqual(grace - lameDuck - requests - hooks - margin);
    expect(preStop.most).toBeLessThan(grace / 2);
  });

  it('readiness is noticed within the lame-duck', () => {
    expect(noticedIn(given(service.readinessProbe))).toBeLessThanOrEqual(departure.lameDuck);
  });

  it('a process that hangs is killed after it is out of the endpoints, and not with the whole grace', () => {
    const liveness = given(service.livenessProbe);
    const readiness = noticedIn(given(service.readinessProbe));
    expect(noticedIn(liveness)).toBeGreaterThan(readiness + departure.requests);
    const grace = departure.preStop.most + readiness + unreadySeconds + Math.min(departure.requests, 10);
    expect(liveness.terminationGracePeriodSeconds).toBe(grace);
    expect(grace).toBeLessThan(departure.grace);
  });

  it('a rollout is not called failed before it may have failed', () => {
    const starts = [...(pod.initContainers ?? []), service].flatMap(({ startupProbe }) => startupProbe ?? []);
    const starting = starts.reduce(
      (sum, { periodSeconds, failureThreshold }) => sum + periodSeconds * failureThreshold,
      0,
    );
    const waiting = Number(
      argumentOf(
        pod.initContainers?.find(({ name }) => name === 'wait'),
        'timeout',
      )?.replace(/s$/, '') ?? 0,
    );
    const pulling = 120;
    expect(deployment.progressDeadlineSeconds).toBeGreaterThan(
      starting + waiting + deployment.minReadySeconds + pulling,
    );
  });

  it('an old pod leaves only when every proxy knows the new one', () => {
    expect(deployment.minReadySeconds).toBeGreaterThan(serviceSeconds);
  });

  it('stays below what autoscalers cap a grace at', () => {
    expect(departure.grace).toBeLessThanOrEqual(600);
  });

  it('the companion is told the same grace', () => {
    for (const companion of sidecarsOf(manifests)) {
      expect(argumentOf(companion, 'grace-ms')).toBe(String(pod.terminationGracePeriodSeconds * 1_000));
    }
  });
});

describe('what the numbers start from', () => {
  it("are the library's own defaults", () => {
    const graceful = createGraceful({ exit: false, signals: [], logger: false, probes: false });
    try {
      expect(drainOf(assembled('base'))).toEqual(companionKit(graceful).budgets);
    } finally {
      graceful.uninstall();
    }
  });
});
