import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Kubelet } from '../src/kubelet/node.js';
import type { PodSpec } from '../src/spec/pod-spec.js';
import { instants } from './support/instants.js';
import { type Script, ScriptedRuntime } from './support/scripted-runtime.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const app = { name: 'app', command: ['app'] } as const;
const hook = (ms: number) => ({ preStop: { exec: { command: ['hook', String(ms)] } } });
const sidecar = (name: string) => ({ name, command: [name], restartPolicy: 'Always' }) as const;

/** A pod that runs, on a node of its own. */
async function running(spec: PodSpec, scripts: Readonly<Record<string, Script>> = {}, options = {}) {
  const runtime = new ScriptedRuntime(scripts);
  const kubelet = new Kubelet({ runtime, ...options });
  const pod = await kubelet.run(spec, { name: 'pod' });
  await vi.advanceTimersByTimeAsync(0);
  await pod.ready();
  return { kubelet, pod, runtime };
}

it('counts from before the hook, and of what the hook took only whole seconds', async () => {
  const { pod, kubelet } = await running(
    { terminationGracePeriodSeconds: 10, containers: [{ ...app, lifecycle: hook(3_900) }] },
    { app: {} },
  );
  void pod.delete();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(instants(kubelet.events, 'pre-stop', 'signal', 'killed')).toEqual([
    '0 app: pre-stop',
    '3.9 app: signal 7',
    // Longer than it was granted, by less than a second.
    '10.9 app: killed',
  ]);
});

it('abandons a hook at the end of the grace, without killing it, and grants 2 s once', async () => {
  const { pod, kubelet, runtime } = await running(
    { terminationGracePeriodSeconds: 5, containers: [{ ...app, lifecycle: hook(60_000) }] },
    { app: {} },
  );
  void pod.delete();
  await vi.advanceTimersByTimeAsync(6_000);
  expect(runtime.hooks).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(instants(kubelet.events, 'pre-stop-ended', 'signal', 'killed')).toEqual([
    '5 app: pre-stop-ended 0',
    '5 app: signal 2',
    '7 app: killed',
  ]);
  expect(await pod.ended).toMatchObject({ phase: 'Failed', containers: [{ killed: true }] });
});

it.each([
  { seconds: 0, killed: 2 },
  { seconds: 1, killed: 2 },
  { seconds: 2, killed: 2 },
  { seconds: 3, killed: 3 },
])('a grace of $seconds s is $killed s', async ({ seconds, killed }) => {
  const { pod, kubelet } = await running({ containers: [app] }, { app: {} });
  void pod.delete({ gracePeriodSeconds: seconds });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(instants(kubelet.events, 'killed')).toEqual([`${killed} app: killed`]);
});

it('a hook that sleeps for all of the grace is allowed, and leaves the app 2 s', async () => {
  const lifecycle = { preStop: { sleep: { seconds: 4 } } };
  const { pod, kubelet } = await running(
    { terminationGracePeriodSeconds: 4, containers: [{ ...app, lifecycle }] },
    { app: { leavesInMs: 1_500 } },
  );
  void pod.delete();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(instants(kubelet.events, 'signal', 'exited')).toEqual(['4 app: signal 2', '5.5 app: exited']);
});

it('tells all mains at the same time, and sidecars in reverse order when all mains have ended', async () => {
  const { pod, kubelet } = await running(
    {
      initContainers: [sidecar('log'), sidecar('proxy')],
      containers: [app, { name: 'web', command: ['web'], lifecycle: hook(2_000) }],
    },
    {
      app: { leavesInMs: 3_500 },
      web: { leavesInMs: 500 },
      proxy: { leavesInMs: 1_000 },
      log: { leavesInMs: 1_000 },
    },
  );
  void pod.delete();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(instants(kubelet.events, 'signal', 'exited')).toEqual([
    '0 app: signal 30',
    '2 web: signal 28',
    '2.5 web: exited',
    '3.5 app: exited',
    '3.5 proxy: signal 27',
    '4.5 proxy: exited',
    '4.5 log: signal 26',
    '5.5 log: exited',
  ]);
  expect(await pod.ended).toMatchObject({ phase: 'Succeeded', durationMs: 5_500 });
});

it('tells all sidecars together when the grace is spent on the mains', async () => {
  const { pod, kubelet } = await running(
    {
      terminationGracePeriodSeconds: 6,
      initContainers: [sidecar('log'), sidecar('proxy')],
      containers: [app],
    },
    { app: {}, log: {}, proxy: {} },
  );
  void pod.delete();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(instants(kubelet.events, 'signal', 'killed')).toEqual([
    '0 app: signal 6',
    '6 log: signal 2',
    '6 proxy: signal 2',
    '6 app: killed',
    '8 log: killed',
    '8 proxy: killed',
  ]);
});

it("runs a sidecar's hook at once, and takes it from the same grace as its turn", async () => {
  const { pod, kubelet } = await running(
    {
      terminationGracePeriodSeconds: 20,
      initContainers: [{ ...sidecar('log'), lifecycle: hook(1_500) }],
      containers: [app],
    },
    { app: { leavesInMs: 4_700 }, log: {} },
  );
  void pod.delete();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(instants(kubelet.events, 'pre-stop', 'turn', 'signal', 'killed')).toEqual([
    '0 log: pre-stop',
    '0 app: signal 20',
    // 20 − 1 for the hook, − 3 for 3.2 s of waiting.
    '4.7 log: turn 16',
    '4.7 log: signal 16',
    '20.7 log: killed',
  ]);
});

it('lets sidecars wait for the hook of a main that has exited: a sleep is of the kubelet, and goes on', async () => {
  const { pod, kubelet } = await running(
    {
      restartPolicy: 'Never',
      initContainers: [sidecar('log')],
      containers: [{ ...app, lifecycle: { preStop: { sleep: { seconds: 5 } } } }],
    },
    { app: { crashes: { afterMs: 1_000, code: 1 } }, log: { leavesInMs: 0 } },
  );
  void pod.delete();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(instants(kubelet.events, 'exited', 'signal')).toEqual([
    '1 app: exited',
    '5 log: signal 25',
    '5 log: exited',
  ]);
});

it('a second deletion can only take time away; it begins anew, with hooks and signals', async () => {
  const { pod, kubelet } = await running({ containers: [{ ...app, lifecycle: hook(1_000) }] }, { app: {} });
  void pod.delete();
  await vi.advanceTimersByTimeAsync(4_000);
  void pod.delete({ gracePeriodSeconds: 60 });
  void pod.delete({ gracePeriodSeconds: 5 });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(instants(kubelet.events, 'terminating', 'shortened', 'pre-stop', 'signal', 'killed')).toEqual([
    '0 pod: terminating 30',
    '0 app: pre-stop',
    '1 app: signal 29',
    '4 pod: shortened 5',
    '4 app: pre-stop',
    '5 app: signal 4',
    '9 app: killed',
  ]);
});

it('a hard eviction grants 1 s, which is 2; a soft one what the node allows at most', async () => {
  const hard = await running({ containers: [app] }, { app: {} });
  void hard.pod.evict();
  const soft = await running({ containers: [app] }, { app: {} });
  void soft.pod.evict({ maxPodGracePeriodSeconds: 7 });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(instants(hard.kubelet.events, 'terminating', 'killed')).toEqual([
    '0 pod: terminating 1',
    '2 app: killed',
  ]);
  expect(instants(soft.kubelet.events, 'killed')).toEqual(['7 app: killed']);
  expect(await hard.pod.ended).toMatchObject({ phase: 'Failed', reason: 'evicted' });
  expect(hard.pod.conditions.terminating).toBe(false);
});

it('a node that shuts down grants the smaller of both, and ends critical pods last', async () => {
  const runtime = new ScriptedRuntime({ app: {} });
  const kubelet = new Kubelet({ runtime });
  await kubelet.run({ containers: [app] }, { name: 'long' });
  await kubelet.run({ containers: [app], terminationGracePeriodSeconds: 3 }, { name: 'short' });
  await kubelet.run({ containers: [app], priorityClassName: 'system-node-critical' }, { name: 'critical' });
  await vi.advanceTimersByTimeAsync(0);
  const ends = kubelet.shutdown({
    shutdownGracePeriodSeconds: 15,
    shutdownGracePeriodCriticalPodsSeconds: 5,
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect((await ends).map(({ phase }) => phase)).toEqual(['Failed', 'Failed', 'Failed']);
  expect(instants(kubelet.events, 'terminating')).toEqual([
    '0 long: terminating 10',
    '0 short: terminating 3',
    '10 critical: terminating 5',
  ]);
});

it('restarts one container for its liveness probe, by the grace of the probe, and starts it again', async () => {
  const livenessProbe = {
    exec: { command: ['probe'] },
    periodSeconds: 2,
    failureThreshold: 2,
    terminationGracePeriodSeconds: 3,
  };
  const { pod, kubelet } = await running(
    {
      containers: [
        { ...app, livenessProbe, lifecycle: hook(1_000) },
        { name: 'web', command: ['web'] },
      ],
    },
    { app: { probe: (asked) => (asked < 3 ? 0 : 1) } },
  );
  await vi.advanceTimersByTimeAsync(13_500);
  // Asked at 0, 2, 4: well; at 6 and 8: not.
  expect(instants(kubelet.events, 'unhealthy', 'killing', 'pre-stop', 'signal', 'killed', 'started')).toEqual(
    [
      '0 app: started',
      '0 web: started',
      '6 app: unhealthy',
      '8 app: unhealthy',
      '8 app: killing 3',
      '8 app: pre-stop',
      '9 app: signal 2',
      '11 app: killed',
      '11 app: started',
    ],
  );
  // It was never deleted: it stays in the slices, and only its readiness says otherwise.
  expect(pod.conditions).toEqual({ ready: true, terminating: false, gone: false });
});

it('asks for readiness to the end, and for liveness only until the termination begins', async () => {
  const probe = { exec: { command: ['probe'] }, periodSeconds: 1, failureThreshold: 1 };
  const { pod, kubelet } = await running(
    { terminationGracePeriodSeconds: 5, containers: [{ ...app, readinessProbe: probe }] },
    { app: { probe: (asked) => (asked < 4 ? 0 : 1) } },
  );
  const alive = await running(
    { terminationGracePeriodSeconds: 5, containers: [{ ...app, livenessProbe: probe }] },
    { app: { probe: (asked) => (asked < 2 ? 0 : 1) } },
  );
  await vi.advanceTimersByTimeAsync(1_500);
  void pod.delete();
  void alive.pod.delete();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(instants(kubelet.events, 'not-ready', 'killed')).toEqual(['2.5 pod: not-ready', '5 app: killed']);
  expect(instants(alive.kubelet.events, 'unhealthy', 'killing')).toEqual([]);
});

it('waits longer from crash to crash: not at all, 10 s, 20 s', async () => {
  const { kubelet } = await running({ containers: [app] }, { app: { crashes: { afterMs: 1_000, code: 1 } } });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(instants(kubelet.events, 'started', 'exited').slice(0, 8)).toEqual([
    '0 app: started',
    '1 app: exited',
    '1 app: started',
    '2 app: exited',
    '12 app: started',
    '13 app: exited',
    '33 app: started',
    '34 app: exited',
  ]);
});

it('starts a sidecar again that exits before its turn, and not after it', async () => {
  const spec: PodSpec = { initContainers: [sidecar('log')], containers: [app] };
  const scripts = {
    app: { leavesInMs: 5_000 },
    log: { crashes: { afterMs: 2_000, code: 1 }, leavesInMs: 0 },
  };
  const { pod, kubelet } = await running(spec, scripts);
  await vi.advanceTimersByTimeAsync(1_000);
  void pod.delete();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(instants(kubelet.events, 'started', 'exited', 'back-off')).toEqual([
    '1 log: exited',
    '1 log: started',
    '3 log: exited',
    '3 log: back-off',
    '5 app: exited',
  ]);
  const older = await running(spec, scripts, { restartSidecarsDuringTermination: false });
  await vi.advanceTimersByTimeAsync(1_000);
  void older.pod.delete();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(instants(older.kubelet.events, 'started', 'exited')).toEqual(['1 log: exited', '5 app: exited']);
});

it('a pod whose mains have all ended is done, and takes its sidecars with it', async () => {
  const { pod } = await running(
    { restartPolicy: 'OnFailure', initContainers: [sidecar('log')], containers: [app] },
    { app: { crashes: { afterMs: 1_000, code: 0 } } },
  );
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await pod.ended).toMatchObject({ phase: 'Succeeded', reason: 'completed' });
});

it('starts what comes before the mains one after the other, a sidecar until it has started', async () => {
  const startupProbe = { exec: { command: ['probe'] }, periodSeconds: 1 };
  const runtime = new ScriptedRuntime({
    log: { probe: (asked) => (asked < 2 ? 1 : 0) },
    migrate: { crashes: { afterMs: 3_000, code: 0 } },
  });
  const kubelet = new Kubelet({ runtime });
  const pod = await kubelet.run({
    initContainers: [
      { ...sidecar('log'), startupProbe },
      { name: 'migrate', command: ['migrate'] },
    ],
    containers: [app],
  });
  await vi.advanceTimersByTimeAsync(10_000);
  await pod.ready();
  expect(instants(kubelet.events, 'started', 'exited')).toEqual([
    '0 log: started',
    '2 migrate: started',
    '5 migrate: exited',
    '5 app: started',
  ]);
});
