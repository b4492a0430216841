import type { Pod } from '../pod/pod.js';
import { CompanionMetrics } from './companion-metrics.js';
import { MetricsServer } from './metrics-server.js';

/** What is counted, and where it is asked for. */
export class Metrics {
  readonly counts: CompanionMetrics;
  readonly server: MetricsServer;

  constructor(pod: Pod, epoch: number) {
    this.counts = new CompanionMetrics(pod, epoch);
    this.server = new MetricsServer(this.counts.registry);
  }
}
