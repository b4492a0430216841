import type { Contestant } from '../contestant.js';
import { haproxy } from './haproxy.js';
import { nginx } from './nginx.js';
import { nodeCluster } from './node-cluster.js';
import { pm2 } from './pm2.js';

export const contestants: readonly Contestant[] = [nginx, haproxy, pm2, nodeCluster];
