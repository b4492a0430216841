import type { AdapterKit } from '@graceful/core/adapter';
import type { FastifyInstance } from 'fastify';

/**
 * Probes are answered at the server, before Fastify sees them. With
 * `app.inject()` there is no server: these routes answer there, and make the
 * paths known to whoever lists routes.
 */
export function answerProbesInRoutes(app: FastifyInstance, kit: AdapterKit): void {
  for (const url of kit.probePaths) {
    if (app.hasRoute({ method: 'GET', url })) continue;
    app.get(url, { logLevel: 'silent' }, (request, reply) => {
      reply.hijack();
      kit.answerProbe(request.raw, reply.raw);
    });
  }
}
