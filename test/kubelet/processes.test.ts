import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { within } from '@graceful/conformance/client';
import { type ContainerSpec, Kubelet, type Pod } from '@graceful/rehearsal/kubelet';

const patienceMs = 30_000;
/** Does nothing at SIGTERM but say so. */
const deaf =
  "process.on('SIGTERM', () => console.log('SIGTERM')); setInterval(() => {}, 1000); console.log('up');";

function nodeRuns(script: string, more: Partial<ContainerSpec> = {}): ContainerSpec {
  return { name: 'app', command: [process.execPath, '-e', script], ...more };
}

/** A line of its log; nobody tells of one. */
async function says(pod: Pod, what: string): Promise<void> {
  const look = async (): Promise<void> => {
    while (!pod.logs('app').includes(what)) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await within(patienceMs, `"${what}" in the log`, look());
}

function alive(pid: string | undefined): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}

describe('containers that are processes', { concurrent: true, timeout: 60_000 }, () => {
  it('end with all that they had started, as a container does', async () => {
    await using kubelet = new Kubelet();
    const script = `
      process.on('SIGTERM', () => process.exit(3));
      const child = require('node:child_process').spawn('sleep', ['1000'], { detached: true });
      console.log('child ' + child.pid);
      setInterval(() => {}, 1000);`;
    const pod = await kubelet.run({ restartPolicy: 'Never', containers: [nodeRuns(script)] });
    await says(pod, 'child ');
    const child = /child (\d+)/.exec(pod.logs('app'))?.[1];
    expect(alive(child)).toBe(true);
    const end = await within(patienceMs, 'the end', pod.delete());
    expect(end).toMatchObject({ phase: 'Failed', containers: [{ exit: { code: 3 }, killed: false }] });
    await within(patienceMs, 'the end of its child', gone(child));
  });

  it('are killed after the grace, and not before', async () => {
    await using kubelet = new Kubelet();
    const pod = await kubelet.run({ terminationGracePeriodSeconds: 3, containers: [nodeRuns(deaf)] });
    await says(pod, 'up');
    const end = await within(patienceMs, 'the end', pod.delete());
    expect(pod.logs('app')).toBe('up\nSIGTERM\n');
    expect(end.containers).toEqual([
      { name: 'app', exit: { code: 137, signal: 'SIGKILL' }, killed: true, restarts: 0 },
    ]);
    expect(end.durationMs).toBeGreaterThanOrEqual(3_000);
    expect(end.durationMs).toBeLessThan(20_000);
  });

  it('have a hook whose program ends with them', async () => {
    await using kubelet = new Kubelet();
    const script = "console.log('up'); setTimeout(() => process.exit(0), 1500)";
    const lifecycle = { preStop: { exec: { command: ['sh', '-c', 'echo hook $$; exec sleep 1000'] } } };
    const pod = await kubelet.run({ restartPolicy: 'Never', containers: [nodeRuns(script, { lifecycle })] });
    await says(pod, 'up');
    const ended = pod.delete();
    await says(pod, 'hook');
    const hook = /hook (\d+)/.exec(pod.logs('app'))?.[1];
    const end = await within(patienceMs, 'the end', ended);
    expect(end).toMatchObject({ phase: 'Succeeded', containers: [{ exit: { code: 0 } }] });
    expect(end.durationMs).toBeLessThan(20_000);
    await within(patienceMs, 'the end of the hook', gone(hook));
  });

  it('have a hook by HTTP whose status does not matter, and whose port is on the node where its host is', async () => {
    const seen: string[] = [];
    const node = createServer((request, response) => {
      seen.push(`${request.url} ${request.headers['user-agent']}`);
      response.writeHead(500).end('no');
    });
    await once(node.listen(0, '127.0.0.1'), 'listening');
    const { port } = node.address() as AddressInfo;
    await using kubelet = new Kubelet();
    const lifecycle = { preStop: { httpGet: { host: '127.0.0.1', port, path: '/leave?now' } } };
    const pod = await kubelet.run({
      containers: [nodeRuns("console.log('up'); setInterval(() => {}, 1000)", { lifecycle })],
    });
    await says(pod, 'up');
    const end = await within(patienceMs, 'the end', pod.delete());
    node.close();
    expect(seen).toEqual(['/leave?now kube-lifecycle/1.36']);
    // It has no handler for SIGTERM, and a process that is not PID 1 dies of it.
    expect(end.containers).toMatchObject([{ exit: { code: 143, signal: 'SIGTERM' } }]);
    expect(pod.events).toContainEqual(expect.objectContaining({ type: 'pre-stop-ended', result: 'done' }));
  });

  it('that cannot be started are told of, with the reason', async () => {
    await using kubelet = new Kubelet();
    const pod = await kubelet.run({ containers: [{ name: 'app', command: ['/nowhere/server'] }] });
    await expect(pod.ready()).rejects.toThrow(
      /ERR_REHEARSAL_START: Expected to start "\/nowhere\/server" for container "app"/,
    );
  });

  it.runIf(process.platform === 'linux')('have an address of their own, by the downward API', async () => {
    await using kubelet = new Kubelet();
    const script =
      "require('node:http').createServer((_, answer) => answer.end(process.env.POD_IP)).listen(18081, process.env.POD_IP)";
    const container = nodeRuns(script, {
      env: [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
      ports: [{ name: 'http', containerPort: 18_081 }],
      readinessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1 },
    });
    const pods = await Promise.all([
      kubelet.run({ containers: [container] }),
      kubelet.run({ containers: [container] }),
    ]);
    await within(patienceMs, 'readiness', Promise.all(pods.map((pod) => pod.ready())));
    const answers = await Promise.all(
      pods.map(async ({ ip }) => (await fetch(`http://${ip}:18081/`)).text()),
    );
    expect(answers).toEqual(pods.map(({ ip }) => ip));
    expect(new Set(answers).size).toBe(2);
  });
});

async function gone(pid: string | undefined): Promise<void> {
  while (alive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
}
