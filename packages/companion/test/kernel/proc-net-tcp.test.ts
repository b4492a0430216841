import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PortWatch } from '../../src/kernel/port-watch.js';
import { parseResets } from '../../src/kernel/proc-net-snmp.js';
import { parseProcNetTcp } from '../../src/kernel/proc-net-tcp.js';

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n';
const tail = '00:00000000 00000000     0        0 12345 1 0000000000000000 100 0 0 10 0\n';

const table4 = [
  `   0: 00000000:0BB8 00000000:0000 0A 00000000:00000000 ${tail}`,
  `   1: 0100007F:0BB8 0100007F:C350 01 00000000:00000000 ${tail}`,
  `   2: 0100007F:0BB8 0100007F:C351 01 00000010:00000000 ${tail}`,
  `   3: 0100007F:0BB8 0100007F:C352 06 00000000:00000000 ${tail}`,
  `   4: 0100007F:C350 0100007F:0BB8 01 00000000:00000000 ${tail}`,
  `12345: 0100007F:0BB9 0100007F:C353 01 00000000:00000001 ${tail}`,
].join('');

const table6 = `   0: 00000000000000000000000000000000:0BB8 00000000000000000000000000000000:0000 0A 00000000:00000000 ${tail}`;

/** Tables as a kernel would show them, in a folder of their own. */
function folderWith(tables: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'proc-net-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(tables)) writeFileSync(join(folder, name), text);
  return folder;
}

describe('/proc/net/tcp', () => {
  it('is read, of both kinds of addresses, for the ports that are asked about', () => {
    expect(parseProcNetTcp(head + table4, new Set([3000]))).toEqual([
      { localPort: 3000, remote: '00000000:0000', state: 'listen', isBusy: false },
      { localPort: 3000, remote: '0100007F:C350', state: 'established', isBusy: false },
      { localPort: 3000, remote: '0100007F:C351', state: 'established', isBusy: true },
      { localPort: 3000, remote: '0100007F:C352', state: 'other', isBusy: false },
    ]);
    // The number of a line has more digits than its column, from the ten thousandth on.
    expect(parseProcNetTcp(head + table4, new Set([3001]))).toMatchObject([{ isBusy: true }]);
    expect(parseProcNetTcp(head + table6, new Set([3000]))).toMatchObject([{ state: 'listen' }]);
  });

  it.each([
    ['nothing', ''],
    ['a head alone', head],
    ['half a line', `${head}   0: 0100007F:0B`],
    ['nonsense', `${head}not a table at all\n\n::::\n`],
  ])('holds nothing where it holds %s', (_what, text) => {
    expect(parseProcNetTcp(text, new Set([3000]))).toEqual([]);
  });

  it('tells what has come since the last look', () => {
    const folder = folderWith({ tcp: head + table4 });
    const watch = new PortWatch(folder);
    expect(watch.look([3000])?.ports.get(3000)).toEqual({
      listening: 1,
      established: 2,
      busy: 1,
      arrived: 0,
    });
    const another = `   5: 0100007F:0BB8 0100007F:C354 04 00000000:00000000 ${tail}`;
    writeFileSync(join(folder, 'tcp'), head + table4 + another);
    expect(watch.look([3000])?.ports.get(3000)).toMatchObject({ arrived: 1 });
    expect(watch.look([3000])?.ports.get(3000)).toMatchObject({ arrived: 0 });
  });

  it('is not there on every system', () => {
    expect(new PortWatch(folderWith({})).look([3000])).toBeUndefined();
    expect(new PortWatch(folderWith({ tcp6: head + table6 })).look([3000])?.ports.get(3000)).toMatchObject({
      listening: 1,
    });
  });

  it.runIf(process.platform === 'linux')('tells of the sockets of this machine as they are', async () => {
    const server = createServer({ pauseOnConnect: true }).listen(0);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const watch = new PortWatch();
    expect(watch.look([port])?.ports.get(port)).toEqual({
      listening: 1,
      established: 0,
      busy: 0,
      arrived: 0,
    });
    const accepted = once(server, 'connection');
    const client = connect(port, '127.0.0.1');
    const [peer] = (await accepted) as [import('node:net').Socket];
    expect(watch.look([port])?.ports.get(port)).toEqual({
      listening: 1,
      established: 1,
      busy: 0,
      arrived: 1,
    });
    // Bytes that nobody reads.
    client.write('hello');
    await expect.poll(() => watch.look([port])?.ports.get(port)?.busy).toBe(1);
    client.destroy();
    peer.destroy();
  });
});

describe('/proc/net/snmp', () => {
  it('tells how many resets were sent', () => {
    const text =
      'Ip: Forwarding DefaultTTL\nIp: 1 64\nTcp: RtoAlgorithm RtoMin OutRsts InCsumErrors\nTcp: 1 200 42 0\nUdp: InDatagrams\nUdp: 7\n';
    expect(parseResets(text)).toBe(42);
    expect(parseResets('')).toBeUndefined();
    expect(parseResets('Tcp: RtoMin\nTcp: 200\n')).toBeUndefined();
  });
});
