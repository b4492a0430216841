import { createGraceful } from '@graceful/core';
import type { Contestant } from '../../contestant.js';
import { portOf } from '../../service/listen.js';
import { http2Service } from './http2-service.js';

export default {
  name: '@graceful/core, HTTP/2',
  role: 'ours',
  kind: 'node:http2',
  tracks: { connections: true, requests: true },
  packages: ['@graceful/core'],
  setup: '`listen`, probes and log on as by default',
  async start() {
    return portOf(await createGraceful().listen(http2Service(), { port: 0, host: '127.0.0.1' }));
  },
} satisfies Contestant as Contestant;
