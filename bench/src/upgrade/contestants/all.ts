import type { Contestant } from '../contestant.js';
import { haproxy } from './haproxy.js';
import { inProcess } from './in-process.js';
import { nginx } from './nginx.js';
import { nodeCluster } from './node-cluster.js';
import { pm2 } from './pm2.js';
import { supervisor } from './supervisor.js';

export const contestants: readonly Contestant[] = [inProcess, supervisor, nginx, haproxy, pm2, nodeCluster];
