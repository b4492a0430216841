import type { Contestant } from '../../contestant.js';
import { listen } from '../../service/listen.js';
import { webSocketService } from './web-socket-service.js';

export default {
  name: 'ws',
  role: 'bare',
  kind: 'ws',
  tracks: { connections: false, requests: false },
  packages: ['ws'],
  setup: 'nothing',
  start() {
    return listen(webSocketService().server);
  },
} satisfies Contestant as Contestant;
