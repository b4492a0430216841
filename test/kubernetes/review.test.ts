import { describe, expect, it } from 'vitest';
import { assembled } from '../src/kubernetes/assembled.js';
import { overlays } from '../src/kubernetes/deploy-folder.js';
import { serviceOf, sidecarsOf } from '../src/kubernetes/departure.js';
import { type Container, only, type Probe } from '../src/kubernetes/manifest.js';

/** The probes of a container, by their name. */
function probesOf({ startupProbe, readinessProbe, livenessProbe }: Container): [string, Probe][] {
  return Object.entries({ startupProbe, readinessProbe, livenessProbe }).filter(
    (entry): entry is [string, Probe] => entry[1] !== undefined,
  );
}

function portOf(container: Container, port: number | string): number | undefined {
  const { ports = [] } = container;
  return ports.find(({ name, containerPort }) => name === port || containerPort === port)?.containerPort;
}

describe.each(overlays)('what a reviewer would look at in overlays/%s', (overlay) => {
  const manifests = assembled(`overlays/${overlay}`);
  const deployment = only('Deployment', manifests);
  const { spec } = deployment;
  const pod = spec.template.spec;
  const service = serviceOf(manifests);
  const sidecars = sidecarsOf(manifests);
  const containers = [...(pod.initContainers ?? []), ...pod.containers];

  describe('probes', () => {
    it('the service has all three, each of its own path, on a port that it has', () => {
      const probes = probesOf(service);
      expect(probes.map(([name]) => name)).toEqual(['startupProbe', 'readinessProbe', 'livenessProbe']);
      expect(new Set(probes.map(([, { httpGet }]) => httpGet.path)).size).toBe(3);
      for (const [, { httpGet }] of probes) expect(portOf(service, httpGet.port)).toBeDefined();
    });

    it('readiness and liveness are not on the port that the drain closes', () => {
      const { ports } = only('Service', manifests).spec;
      const served = ports.map(({ targetPort }) => portOf(service, targetPort));
      for (const [, { httpGet }] of probesOf(service))
        expect(served).not.toContain(portOf(service, httpGet.port));
    });

    it('none waits for an answer for as long as until it asks again, or longer', () => {
      for (const [name, { timeoutSeconds, periodSeconds }] of containers.flatMap(probesOf)) {
        // The startup probe asks each second, and a second is the least that can be waited for.
        if (name !== 'startupProbe') expect(timeoutSeconds, name).toBeLessThan(periodSeconds);
      }
    });

    it('no probe starts a process each time', () => {
      for (const [name, probe] of containers.flatMap(probesOf)) expect(probe, name).toHaveProperty('httpGet');
    });

    it('no sidecar has a liveness probe', () => {
      for (const { livenessProbe } of sidecars) expect(livenessProbe).toBeUndefined();
    });
  });

  describe('preStop', () => {
    it('no hook is asked of a host: it would be the node', () => {
      for (const { lifecycle } of containers)
        expect(lifecycle?.preStop?.httpGet ?? {}).not.toHaveProperty('host');
    });

    it('a hook that is asked by HTTP is asked of a container that has the port and holds, for its own container', () => {
      const { preStop } = service.lifecycle ?? {};
      if (preStop?.httpGet === undefined) return;
      const { path, port } = preStop.httpGet;
      expect(path).toBe(`/hold?container=${service.name}`);
      expect(sidecars.map((sidecar) => portOf(sidecar, port))).toContain(port);
    });

    it('a hook that runs a program runs one that the image is made around, and in a sidecar', () => {
      for (const container of containers) {
        const command = container.lifecycle?.preStop?.exec?.command;
        if (command === undefined) continue;
        expect(sidecars).toContain(container);
        expect(command[0]).toBe('node');
      }
    });

    it('nobody changes the signal', () => {
      for (const { lifecycle } of containers) expect(lifecycle?.stopSignal).toBeUndefined();
    });
  });

  describe('rollout', () => {
    it('a new pod comes before an old one goes, by explicit numbers', () => {
      expect(spec.strategy).toEqual({
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
      });
    });

    it('there are replicas to be spared, and they are spread over zones and nodes', () => {
      expect(spec.replicas).toBeGreaterThanOrEqual(3);
      expect(pod.topologySpreadConstraints.map(({ topologyKey }) => topologyKey)).toEqual([
        'topology.kubernetes.io/zone',
        'kubernetes.io/hostname',
      ]);
    });

    it('an eviction may take one at a time, and never none', () => {
      const budget = only('PodDisruptionBudget', manifests).spec;
      expect(budget).toMatchObject({ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' });
      expect(budget.minAvailable).toBeUndefined();
    });

    it('selectors select', () => {
      const { labels } = spec.template.metadata;
      const selectors = [
        spec.selector.matchLabels,
        only('Service', manifests).spec.selector,
        only('PodDisruptionBudget', manifests).spec.selector.matchLabels,
      ];
      for (const selector of selectors) expect(labels).toMatchObject(selector);
    });

    it('the Service sends to a port of the service, and not to pods that leave', () => {
      const { ports, publishNotReadyAddresses } = only('Service', manifests).spec;
      for (const { targetPort } of ports) expect(portOf(service, targetPort)).toBeDefined();
      expect(publishNotReadyAddresses).toBeUndefined();
    });
  });

  describe('containers', () => {
    it('a sidecar is a native one, and the companion is the first of all', () => {
      expect(pod.containers).toHaveLength(1);
      for (const { restartPolicy } of sidecars) expect(restartPolicy).toBe('Always');
      if (sidecars.length > 0) expect(pod.initContainers?.[0]?.name).toBe('companion');
    });

    it('the image says how the service is started: no shell, no npm between the signal and it', () => {
      expect(service.command).toBeUndefined();
      expect(pod.shareProcessNamespace).toBeUndefined();
    });

    it.each(containers.map((container) => [container.name, container] as const))(
      '%s may do as little as it needs',
      (_, { securityContext, resources }) => {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(Object.keys(resources.requests)).toEqual(['cpu', 'memory']);
        expect(Object.keys(resources.limits)).toEqual(['memory']);
      },
    );

    it('nobody is root, and nobody has a token', () => {
      expect(pod.securityContext).toEqual({
        runAsNonRoot: true,
        runAsUser: 1000,
        runAsGroup: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(pod.automountServiceAccountToken).toBe(false);
      const account = manifests.find(({ kind }) => kind === 'ServiceAccount');
      expect(account).toMatchObject({
        metadata: { name: pod.serviceAccountName },
        automountServiceAccountToken: false,
      });
    });

    it('the configuration is mounted as a folder, so that a change is seen without a restart', () => {
      const mounted = service.volumeMounts?.find(({ name }) => name === 'config');
      expect(mounted).toMatchObject({ mountPath: '/etc/orders' });
      for (const { volumeMounts = [], envFrom } of containers) {
        for (const mount of volumeMounts) expect(mount.subPath).toBeUndefined();
        expect(envFrom).toBeUndefined();
      }
      const volume = pod.volumes.find(({ name }) => name === 'config');
      expect(volume?.configMap?.name).toBe(only('ConfigMap', manifests).metadata.name);
    });

    it('each mount has its volume, and each volume a mount', () => {
      const mounts = new Set(
        containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name)),
      );
      expect([...mounts].toSorted()).toEqual(pod.volumes.map(({ name }) => name).toSorted());
    });

    it('a folder that is shared for a socket is in memory, and bounded', () => {
      for (const { emptyDir } of pod.volumes) {
        if (emptyDir) expect(emptyDir).toMatchObject({ medium: 'Memory', sizeLimit: expect.any(String) });
      }
    });

    it('what is scraped is a port that somebody has', () => {
      const { annotations } = spec.template.metadata;
      const scraped = Number(annotations['prometheus.io/port']);
      expect(containers.map((container) => portOf(container, scraped))).toContain(scraped);
    });
  });
});
