import { startCompanion } from '@graceful/companion';

/** Where it is to listen, and what it is to watch. */
export interface CompanionPlan {
  readonly socket: string;
  readonly receipts: string;
}

/** What it has used since it was last asked. */
export interface Usage {
  readonly residentBytes: number;
  /** Of one core. */
  readonly cpuShare: number;
}

const { socket, receipts } = JSON.parse(process.argv[2] ?? '{}') as CompanionPlan;

const companion = await startCompanion({
  socket,
  kubelet: { host: '127.0.0.1', port: 0 },
  receipts: { file: receipts, terminationLog: false, log: false },
  logger: false,
  signals: [],
  exit: false,
});

let before = { cpu: process.cpuUsage(), at: performance.now() };

process.on('message', () => {
  const { user, system } = process.cpuUsage(before.cpu);
  const elapsedMs = performance.now() - before.at;
  before = { cpu: process.cpuUsage(), at: performance.now() };
  const usage: Usage = {
    residentBytes: process.memoryUsage.rss(),
    cpuShare: (user + system) / 1_000 / elapsedMs,
  };
  process.send?.(usage);
});

process.send?.({ port: companion.kubelet.port });
