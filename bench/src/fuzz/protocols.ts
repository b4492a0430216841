import { politeEvents } from './event-streams/polite.js';
import { rudeEvents } from './event-streams/rude.js';
import { politeHttp } from './http1/polite.js';
import { politeTls } from './http1/polite-tls.js';
import { rudeHttp } from './http1/rude.js';
import { rudeTls } from './http1/rude-tls.js';
import { politeHttp2 } from './http2/polite.js';
import { rudeHttp2 } from './http2/rude.js';
import type { Protocol } from './protocol.js';
import { type Adapter, adapters } from './suite.js';
import { politeWebSockets } from './websocket/polite.js';
import { rudeWebSockets } from './websocket/rude.js';

/** A program of `services/`. */
function service(program: string, tls: boolean): Adapter {
  return { name: program, program: new URL(`services/${program}`, import.meta.url).href, tls };
}

const mixed = service('mixed', false);

/** Every protocol that is fuzzed; runs take them in turn. */
export const protocols: readonly Protocol[] = [
  { name: 'http', adapter: adapters.coreHttp, kinds: [...politeHttp, ...rudeHttp] },
  {
    name: 'https',
    adapter: adapters.coreHttps,
    kinds: [...politeHttp, ...politeTls, ...rudeHttp, ...rudeTls],
  },
  { name: 'HTTP/2', adapter: service('http2', false), kinds: [...politeHttp2, ...rudeHttp2] },
  {
    name: 'HTTP/2 and 1.1 over TLS',
    adapter: service('http2-secure', true),
    kinds: [...politeHttp2, ...politeHttp, ...politeTls, ...rudeHttp2, ...rudeHttp, ...rudeTls],
  },
  { name: 'WebSockets', adapter: mixed, kinds: [...politeWebSockets, ...rudeWebSockets] },
  { name: 'event streams', adapter: mixed, kinds: [...politeEvents, ...rudeEvents] },
  {
    name: 'http, WebSockets and event streams',
    adapter: mixed,
    kinds: [
      ...politeHttp,
      ...politeWebSockets,
      ...politeEvents,
      ...rudeHttp,
      ...rudeWebSockets,
      ...rudeEvents,
    ],
  },
];
