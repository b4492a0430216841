import { createLightship } from 'lightship';
import type { Contestant } from '../contestant.js';
import { nodeHttpService } from '../service/node-http.js';
import { serve } from '../service/serve.js';

export default {
  name: 'lightship',
  role: 'peer',
  kind: 'node:http',
  tracks: { connections: false, requests: false },
  preDrains: true,
  readiness: { path: '/ready', portVariable: 'BENCH_PROBE_PORT' },
  packages: ['lightship'],
  setup:
    '`shutdownDelay` as the pre-drain, `server.close()` in a shutdown handler as its README shows; `detectKubernetes: false`, or the delay would be 0 here',
  async start({ preDrainMs, drainMs }) {
    const server = nodeHttpService();
    const lightship = await createLightship({
      detectKubernetes: false,
      port: Number(process.env['BENCH_PROBE_PORT'] ?? 0),
      shutdownDelay: preDrainMs,
      gracefulShutdownTimeout: drainMs,
      shutdownHandlerTimeout: drainMs,
    });
    lightship.registerShutdownHandler(() => {
      server.close();
    });
    const port = await serve(server);
    lightship.signalReady();
    return port;
  },
} satisfies Contestant as Contestant;
