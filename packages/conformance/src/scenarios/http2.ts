import { Http2Client } from '../client/http2-client.js';
import type { Scenario } from './scenario.js';

const streams = 3;
/** From the last answer to the end of its session, beyond what the service promised. */
const patienceMs = 10_000;

export const http2: readonly Scenario[] = [
  {
    id: 'http2',
    name: 'finishes HTTP/2 streams in flight, and says GOAWAY',
    needs: ['http2'],
    async run(play) {
      const { path, takesMs } = play.settings.http2 ?? { path: '/', takesMs: 0 };
      const { lameDuckMs, idleMs } = play.settings.promises;
      const client = await Http2Client.open(play.service.http2);
      const asked = Array.from({ length: streams }, () => client.ask(path));
      await client.noticed();
      play.signal();
      const fates = await Promise.all(asked);
      const answered = fates.filter((fate) => fate === 'answered').length;
      play.others.kept += answered;
      play.others.lost += streams - answered;
      play.check(answered === streams, `${streams - answered} of ${streams} streams in flight were cut`);
      await play.before(lameDuckMs + takesMs + idleMs + patienceMs, client.ended);
      client.destroy();
      play.check(client.told, 'the session was never told to leave (GOAWAY)');
    },
  },
];
