import type { Contestant } from '../../contestant.js';
import { listen } from '../../service/listen.js';
import { http2Service } from './http2-service.js';

export default {
  name: 'node:http2',
  role: 'bare',
  kind: 'node:http2',
  tracks: { connections: false, requests: false },
  packages: [],
  setup: 'nothing',
  start() {
    return listen(http2Service());
  },
} satisfies Contestant as Contestant;
