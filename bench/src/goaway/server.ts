import type { AddressInfo } from 'node:net';
import { leavers, makeServer } from './contestants.js';

/** One server that is going to be stopped: says its port, and is then alone, as in production. */
const [id = ''] = process.argv.slice(2);
const leaver = leavers[id];
if (!leaver) throw new Error(`Expected one of ${Object.keys(leavers).join(', ')}, got ${id}.`);
const server = makeServer();
await leaver.prepare(server);
const { port } = server.address() as AddressInfo;
process.send?.({ port }, () => process.disconnect());
