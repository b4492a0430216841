import { describe, expect, it } from 'vitest';
import { http2Table } from '../src/http2/scenarios.js';
import type { Http2Service } from '../src/http2/services.js';
import { play } from '../src/http2/trial.js';

/** One column of the table: every row over HTTP/2 that `service` can play. */
export function describeHttp2(service: Http2Service): void {
  describe.concurrent(service.name, () => {
    for (const [subject, scenarios] of Object.entries(http2Table)) {
      const playable = scenarios.filter(({ needs }) => needs?.(service) ?? true);
      if (playable.length === 0) continue;
      describe(subject, () => {
        it.for(playable.map((scenario) => [scenario.name, scenario] as const))('%s', async ([, scenario]) => {
          const { violations, narrative } = await play(service, scenario);
          expect(violations, `\n${violations.join('\n')}\n\n${narrative}\n`).toEqual([]);
        });
      });
    }
  });
}
