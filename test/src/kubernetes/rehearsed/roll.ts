import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readReceipts, type ReadReceipts } from '@graceful/companion/receipts';
import {
  askAndComeBack,
  askOnFreshConnections,
  Ledger,
  type Pace,
  within,
} from '@graceful/conformance/client';
import { Deployment, Kubelet, type PodEvent, type Rolled, Service } from '@graceful/rehearsal/kubelet';
import { Turns } from '../../harness/turns.js';
import { assembled } from '../assembled.js';
import { only } from '../manifest.js';
import { serviceSeconds } from '../propagation.js';
import { onThisMachine } from './this-machine.js';

const pace: Pace = { requests: [{ path: '/' }, { path: '/?ms=200' }], thinkMs: 25 };
const clientCount = 8;
/** Far more than anything takes. */
const patienceMs = 240_000;

/** What came of a rolling update under load. */
export interface RolledUnderLoad {
  readonly clients: Ledger;
  readonly rolled: Rolled;
  /** How many connections the network sent to pods that did not listen any more. */
  readonly refused: number;
  /** What is in the companions' logs; `undefined` where there are none. */
  readonly receipts: ReadReceipts | undefined;
  /** How late the proxies were. */
  readonly lagMs: number;
  /** All that happened to the pods. */
  readonly events: readonly PodEvent[];
}

/**
 * The Deployment of an overlay, by the numbers of its manifests, on an
 * emulated node, is rolled under load. Its proxies hear of everything as late
 * as a Service's may. Half of the clients keep their connections for as long
 * as they may, the others open one for each request.
 */
export async function rollUnderLoad(overlay: 'alone' | 'companion'): Promise<RolledUnderLoad> {
  const manifests = assembled(`overlays/${overlay}`);
  const folder = mkdtempSync(join(tmpdir(), 'pods-'));
  const clients = new Ledger();
  const lagMs = serviceSeconds * 1_000;
  await using kubelet = new Kubelet();
  using service = await Service.start({
    targetPort: only('Service', manifests).spec.ports[0]?.targetPort ?? 'http',
    lagMs,
  });
  try {
    const { replicas, strategy, minReadySeconds, progressDeadlineSeconds } = only(
      'Deployment',
      manifests,
    ).spec;
    const deployment = new Deployment(kubelet, {
      name: 'orders',
      replicas,
      template: onThisMachine(manifests, folder),
      rollingUpdate: strategy.rollingUpdate as { maxSurge: number; maxUnavailable: number },
      minReadySeconds,
      progressDeadlineSeconds,
      services: [service],
    });
    await within(patienceMs, 'the first pods', deployment.start());
    await within(patienceMs, 'the network', service.routes(replicas));
    const turns = new Turns(clientCount);
    const load = Promise.all(
      Array.from({ length: clientCount }, (_none, client) =>
        (client % 2 === 0 ? askAndComeBack : askOnFreshConnections)(
          () => clients.connect({ ...service.address, tls: false }),
          pace,
          () => turns.enough(client),
        ),
      ),
    );
    await within(patienceMs, 'the clients', turns.more(3));
    const rolled = await within(patienceMs, 'the rolling update', deployment.roll());
    await within(patienceMs, 'the clients', turns.more(3));
    turns.end();
    await within(patienceMs, 'the clients', load);
    const refused = Object.values(service.figures.refused).reduce((sum, count) => sum + count, 0);
    return {
      clients,
      rolled,
      refused: refused + service.figures.nowhere,
      receipts: overlay === 'companion' ? await receiptsOf(rolled, folder) : undefined,
      lagMs,
      events: kubelet.events,
    };
  } finally {
    clients.destroy();
    rmSync(folder, { recursive: true });
  }
}

/** As `kubectl logs -c companion` and `graceful receipts` would find them. */
function receiptsOf({ replaced }: Rolled, folder: string): Promise<ReadReceipts> {
  const files = replaced.map(({ pod }) => {
    const file = join(folder, `${pod.name}.log`);
    writeFileSync(file, pod.logs('companion'));
    return file;
  });
  return readReceipts(files);
}
