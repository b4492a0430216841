import type { BookEntry } from '@graceful/conformance/client';
import { narrate } from '../harness/narrative.js';
import type { Exit } from '../harness/service-process.js';
import { frameTypes } from './frames.js';
import type { Http2Trial } from './trial.js';

const names = new Map<number, string>(Object.entries(frameTypes).map(([name, type]) => [type, name]));

/** Everything that happened in a trial, in the order of time: for whoever has to find out why. */
export function describe(trial: Http2Trial, exit: Exit | undefined): string {
  const { clients, frameClients, http1 } = trial;
  const events: BookEntry[] = [];
  clients.sessions.forEach(({ openedAt, goaway, end, broken, exchanges }, index) => {
    const name = `session ${index + 1}`;
    events.push([openedAt, `${name} opened`]);
    if (goaway)
      events.push([goaway.at, `${name} got GOAWAY ${goaway.code}, last stream ${goaway.lastStream}`]);
    if (end) events.push([end.at, `${name} ended: ${end.how} ${broken ?? ''}`]);
    for (const exchange of exchanges) {
      events.push([exchange.beganAt, `${name} asks ${exchange.describe()}`]);
      if (exchange.answeredAt) events.push([exchange.answeredAt, `${name} got ${exchange.request.path}`]);
    }
  });
  frameClients.forEach(({ frames }, index) => {
    for (const { at, type, flags, stream, payload } of frames) {
      const what = `${names.get(type) ?? type} stream ${stream} flags ${flags} ${payload.length} bytes`;
      events.push([at, `frame client ${index + 1} got ${what}`]);
    }
  });
  for (const exchange of http1.exchanges) {
    events.push([exchange.beganAt ?? 0, `HTTP/1.1 client asks ${exchange.describe()}`]);
  }
  return narrate(trial, exit, events);
}
