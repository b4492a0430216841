import { within } from '@graceful/conformance/client';
import {
  Deployment,
  Kubelet,
  type Pod,
  type PodTemplate,
  type Rolled,
  Service,
  type ServiceFigures,
} from '@graceful/rehearsal/kubelet';
import { type ClientPlan, Clients } from './clients.js';
import { storyOf } from './story.js';

/** Far more than anything takes here. */
const patienceMs = 100_000;

/** What is rolled, and how late the network hears of it. */
export interface RollPlan {
  readonly template: PodTemplate;
  readonly lagMs: number;
  readonly replicas?: number;
  readonly clients?: ClientPlan;
  /** Before the roll, when all pods serve under load. */
  readonly before?: (pods: readonly Pod[]) => Promise<void>;
}

/** What came of it. */
export interface RolledUnderLoad {
  readonly complaints: readonly string[];
  readonly answered: number;
  readonly rolled: Rolled;
  readonly figures: ServiceFigures;
  /** All that happened, for whoever has to find out why. */
  readonly story: string;
}

/** A Deployment is rolled under load, with one pod more than wanted at most, and none fewer. */
export async function rollUnderLoad({
  template,
  lagMs,
  replicas = 2,
  clients: plan = {},
  before,
}: RollPlan): Promise<RolledUnderLoad> {
  await using kubelet = new Kubelet();
  using service = await Service.start({ targetPort: 'http', lagMs });
  const rollingUpdate = { maxSurge: 1, maxUnavailable: 0 };
  const deployment = new Deployment(kubelet, {
    name: 'orders',
    replicas,
    template,
    rollingUpdate,
    services: [service],
  });
  try {
    await within(patienceMs, 'the first pods', deployment.start());
    await within(patienceMs, 'the network', service.routes(replicas));
    using clients = new Clients(service.address, plan);
    await clients.more();
    await before?.(deployment.pods);
    const rolled = await within(patienceMs, 'the roll', deployment.roll());
    // The new ones are believed in, and nobody else.
    await within(patienceMs, 'the network', service.routes(deployment.pods.map(({ name }) => name)));
    await clients.more();
    const complaints = await clients.complaints();
    return {
      complaints,
      answered: clients.answered,
      rolled,
      figures: service.figures,
      story: storyOf(kubelet),
    };
  } catch (error) {
    throw new Error(`${(error as Error).message}; so far:\n${storyOf(kubelet)}`, { cause: error });
  }
}
